package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Command line: ends the reprocess. */
@Command(
        name = "drop",
        description = {
            "Ends the reprocess: cancels the job that builds or follows, and drops the shadow or, after a"
                    + " switch, the former tables. Production stays as it is.",
            ""
        })
final class DropCommand implements Callable<Integer> {

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private AdministratorLogin login = new AdministratorLogin();
    @Mixin private FlinkOptions flink = new FlinkOptions();

    @Override
    public Integer call() {
        return flink.run(
                program,
                settings,
                login,
                (runs, jobs) -> {
                    runs.requireNothingUnderWay();
                    cancel(jobs.flink(), Jobs.SHADOW_NAME);
                    cancel(jobs.flink(), Build.JOB);
                    runs.drop();
                    program.out().println("Dropped");
                });
    }

    private static void cancel(FlinkJobs flink, String name) {
        for (JobID job : flink.alive(name)) {
            flink.cancel(job);
        }
    }
}
