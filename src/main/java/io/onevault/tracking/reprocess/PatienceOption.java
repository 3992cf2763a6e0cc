package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.UsageException;
import picocli.CommandLine.Option;

/** Option of commands that exchange the tables. */
final class PatienceOption {

    private static final int MOST_SECONDS = 86_400;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long to wait for transactions of others, as reports and dumps, before"
                            + " anything is stopped. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    int seconds() {
        UsageException.requireRange("--wait", seconds, 0, MOST_SECONDS);
        return seconds;
    }
}
