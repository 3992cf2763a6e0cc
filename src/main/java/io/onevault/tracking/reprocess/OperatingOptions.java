package io.onevault.tracking.reprocess;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.util.Map;
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

    /** An administrator's, who may exchange tables; the job's own is not. */
    @Mixin private DatabaseLogin login = new DatabaseLogin();

    DatabaseAccess database(JobSettings job, Map<String, String> environment) {
        return login.to(job.get(JobOptions.DATABASE_URL), Secrecy.DATABASE_URL, environment);
    }

    /** Where a job is submitted to: that of flink run, where no other is named. */
    StreamExecutionEnvironment environment() {
        if (jobManager == null) {
            return StreamExecutionEnvironment.getExecutionEnvironment();
        }
        try (FlinkJobs flink = flink()) {
            return flink.environment();
        }
    }

    FlinkJobs flink() {
        return FlinkConnection.open(jobManager);
    }

    /** Folder of savepoints. */
    String savepoints(FlinkJobs flink) {
        String folder = savepoints == null ? flink.savepointDirectory().orElse(null) : savepoints;
        if (folder == null) {
            throw new ReprocessException(
                    ReprocessException.Code.NO_SAVEPOINT_FOLDER,
                    "neither --savepoints nor execution.checkpointing.savepoint-dir says where to");
        }
        return folder;
    }
}
