package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that start and stop jobs. */
final class FlinkOptions {

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
                    try (FlinkJobs flink = connect()) {
                        command.run(runs, jobs(flink, settings, program));
                        return Program.OK;
                    }
                });
    }

    FlinkJobs connect() {
        return FlinkConnection.open(jobManager);
    }

    /**
     * Ends jobs that a command left running when it was killed; a cluster of its own is gone, too.
     */
    void cancel(String name) {
        if (jobManager != null || FlinkConnection.isFlinkRun()) {
            try (FlinkJobs flink = connect()) {
                flink.alive(name).forEach(flink::cancel);
            }
        }
    }

    /** Where a job is submitted to: that of flink run, where no other is named. */
    StreamExecutionEnvironment environment() {
        if (jobManager == null) {
            return StreamExecutionEnvironment.getExecutionEnvironment();
        }
        try (FlinkJobs flink = connect()) {
            return flink.environment();
        }
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
