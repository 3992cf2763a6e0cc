package io.onevault.tracking.job.settings;

import java.util.List;
import org.apache.flink.client.program.ProgramParametrizationException;

/**
 * The settings can't be used; the message lists everything that is wrong with them. Of such an
 * exception Flink's command line shows the message alone.
 */
public final class InvalidSettingsException extends ProgramParametrizationException {

    private static final long serialVersionUID = 1;

    public InvalidSettingsException(List<String> errors) {
        super(String.join(System.lineSeparator(), errors));
    }
}
