package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.Program;
import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Command;

/** Command line: makes the vault anew of what is stored of events. */
@Command(
        name = "Reprocess",
        description = {
            "Makes the vault anew of what the job itself remembers of events: the archive in a"
                    + " savepoint, and the raw table. Run it as the job is run: flink run -c"
                    + " io.onevault.tracking.reprocess.Reprocess site-tracking.jar COMMAND.",
            ""
        },
        subcommands = {
            Plan.class,
            Build.class,
            DiffCommand.class,
            SwitchCommand.class,
            UndoCommand.class,
            DropCommand.class
        })
public final class Reprocess {

    private final PrintStream out;
    private final Map<String, String> environment;

    Reprocess(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    public static void main(String[] args) {
        Program.main(new Reprocess(System.out, System.getenv()), args);
    }

    /** Where results go. */
    PrintStream out() {
        return out;
    }

    Map<String, String> environment() {
        return environment;
    }
}
