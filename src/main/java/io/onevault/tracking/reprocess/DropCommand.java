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
            "Ends the reprocess: cancels the job that follows, and drops the shadow or, after a"
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
                    cancelFollowing(jobs.flink());
                    runs.drop();
                    program.out().println("Dropped");
                });
    }

    private static void cancelFollowing(FlinkJobs flink) {
        for (JobID job : flink.alive(Jobs.SHADOW_NAME)) {
            flink.cancel(job);
        }
    }
}
