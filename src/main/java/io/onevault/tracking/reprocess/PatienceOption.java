package io.onevault.tracking.reprocess;

import picocli.CommandLine.Option;

/** Options of commands that exchange the tables. */
final class PatienceOption {

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long to wait for transactions of others, as reports and dumps, before"
                            + " anything is stopped. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--max-pause",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "Stop no job where a savepoint of the one that runs takes longer, as to go on"
                            + " from one takes about as long. Default: ${DEFAULT-VALUE}.")
    private int mostPause;

    int seconds() {
        return seconds;
    }

    int mostPause() {
        return mostPause;
    }
}
