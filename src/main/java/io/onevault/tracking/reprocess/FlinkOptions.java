package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that start and stop jobs. */
final class FlinkOptions {

    @Mixin private Cluster cluster = new Cluster();

    @Option(
            names = "--savepoints",
            paramLabel = "DIR",
            description =
                    "Where savepoints are written. Default:"
                            + " execution.checkpointing.savepoint-dir.")
    private @Nullable String savepoints;

    /** What the command does. */
    interface Command {
        void run(Runs runs, Jobs jobs) throws Exception;
    }

    /** Runs the command alone, and returns its exit code. */
    int run(
            Reprocess program,
            SettingsOptions settings,
            AdministratorLogin login,
            Command command) {
        return login.run(
                program,
                settings,
                runs -> {
                    runs.lock();
                    try (FlinkJobs flink = cluster.connect()) {
                        command.run(runs, jobs(flink, settings, program));
                        return Program.OK;
                    }
                });
    }

    Cluster cluster() {
        return cluster;
    }

    Jobs jobs(FlinkJobs flink, SettingsOptions settings, Reprocess program) {
        String folder = savepoints == null ? flink.savepointDirectory().orElse(null) : savepoints;
        if (folder == null) {
            throw new ReprocessException(
                    Code.NO_SAVEPOINT_FOLDER,
                    "neither --savepoints nor execution.checkpointing.savepoint-dir says where to");
        }
        return new Jobs(flink, settings.read(program.environment()), folder);
    }
}
