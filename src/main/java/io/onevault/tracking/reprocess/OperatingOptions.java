package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that start and stop jobs. */
final class OperatingOptions {

    @Option(
            names = "--jobmanager",
            paramLabel = "HOST:PORT",
            description =
                    "Flink's REST API, where this is not started by flink run. Jobs are then"
                            + " submitted by the JobManager's configuration.")
    private @Nullable String jobManager;

    @Option(
            names = "--savepoints",
            paramLabel = "DIR",
            description =
                    "Where jobs are stopped to. Default: execution.checkpointing.savepoint-dir.")
    private @Nullable String savepoints;

    @Mixin private AdministratorLogin login = new AdministratorLogin();

    /** What the command does. */
    interface Command {
        void run(Runs runs, Jobs jobs) throws Exception;
    }

    /** Runs the command alone, and returns its exit code. */
    int run(Reprocess program, SettingsOptions settings, Command command) {
        return login.run(
                program,
                settings,
                runs -> {
                    runs.lock();
                    try (FlinkJobs flink = FlinkConnection.open(jobManager)) {
                        var live = settings.read(program.environment());
                        command.run(runs, new Jobs(flink, live, savepoints(flink)));
                        return Program.OK;
                    }
                });
    }

    /** Where a job is submitted to: that of flink run, where no other is named. */
    StreamExecutionEnvironment environment() {
        if (jobManager == null) {
            return StreamExecutionEnvironment.getExecutionEnvironment();
        }
        try (FlinkJobs flink = FlinkConnection.open(jobManager)) {
            return flink.environment();
        }
    }

    private String savepoints(FlinkJobs flink) {
        String folder = savepoints == null ? flink.savepointDirectory().orElse(null) : savepoints;
        if (folder == null) {
            throw new ReprocessException(
                    ReprocessException.Code.NO_SAVEPOINT_FOLDER,
                    "neither --savepoints nor execution.checkpointing.savepoint-dir says where to");
        }
        return folder;
    }
}
