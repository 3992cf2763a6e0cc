package io.onevault.tracking.reprocess;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command line: puts the shadow in production's place. */
@Command(
        name = "switch",
        description = {
            "Puts the shadow in production's place: stops both jobs with a savepoint, exchanges the"
                    + " tables in one transaction, and lets the shadow's job go on as the live one."
                    + " One that was ended in whatever way goes on when it is run again.",
            "",
            "Of a reprocess of some tenants or days, what differs is carried over instead, a tenant"
                    + " in one transaction, and the live job goes on.",
            ""
        })
final class SwitchCommand implements Callable<Integer> {

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private AdministratorLogin login = new AdministratorLogin();
    @Mixin private FlinkOptions flink = new FlinkOptions();
    @Mixin private PatienceOption patience = new PatienceOption();

    @Option(
            names = "--job",
            paramLabel = "ID",
            converter = JobIdText.class,
            description = "The live job, where several have its name.")
    private @Nullable String job;

    @Override
    public Integer call() {
        int seconds = patience.seconds();
        return flink.run(
                program,
                settings,
                login,
                (runs, jobs) -> new Switch(runs, jobs, program.out()::println, seconds).run(job));
    }
}
