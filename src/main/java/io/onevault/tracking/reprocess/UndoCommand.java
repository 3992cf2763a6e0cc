package io.onevault.tracking.reprocess;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command line: puts what was in production before the switch there again. */
@Command(
        name = "undo",
        description = {
            "Puts what was in production before the switch there again: stops the job with a"
                    + " savepoint, exchanges the tables back, and lets the former job go on from"
                    + " where it was stopped. It reads what came meanwhile.",
            ""
        })
final class UndoCommand implements Callable<Integer> {

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private AdministratorLogin login = new AdministratorLogin();
    @Mixin private FlinkOptions flink = new FlinkOptions();
    @Mixin private PatienceOption patience = new PatienceOption();

    @Option(
            names = "--job",
            paramLabel = "ID",
            converter = JobIdText.class,
            description = "The job that runs, where several have its name.")
    private @Nullable String job;

    @Override
    public Integer call() {
        int seconds = patience.seconds();
        return flink.run(
                program,
                settings,
                login,
                (runs, jobs) -> new Undo(runs, jobs, program.out()::println, seconds).run(job));
    }
}
