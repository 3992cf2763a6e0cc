package io.onevault.tracking.job.settings;

import java.util.List;

/** The settings can't be used; the message lists everything that is wrong with them. */
public final class InvalidSettingsException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public InvalidSettingsException(List<String> errors) {
        super(String.join(System.lineSeparator(), errors));
    }
}
