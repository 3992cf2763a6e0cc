package io.onevault.tracking.reprocess;

import picocli.CommandLine.Option;

/** Option of commands that exchange the tables. */
final class PatienceOption {

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long to wait for transactions of others, as reports and dumps, before"
                            + " anything is stopped. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    int seconds() {
        return seconds;
    }
}
