package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Option that says to which cluster jobs are submitted. */
final class Cluster {

    @Option(
            names = "--jobmanager",
            paramLabel = "HOST:PORT",
            converter = HostAndPort.class,
            description =
                    "Flink's REST API, where this is not started by flink run. Jobs are then"
                            + " submitted by the JobManager's configuration.")
    private @Nullable String jobManager;

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

    /** What the only job of a name tells of its settings; nothing where there is none of these. */
    Map<String, String> parameters(String name) {
        if (jobManager == null && !FlinkConnection.isFlinkRun()) {
            return Map.of();
        }
        try (FlinkJobs flink = connect()) {
            List<JobID> alive = flink.alive(name);
            return alive.size() == 1 ? flink.parameters(alive.get(0)) : Map.of();
        }
    }

    /**
     * Why a job failed that was submitted here; where the cluster does not tell, what it led to.
     */
    String failure(JobID job, Exception e) {
        if (jobManager == null && !FlinkConnection.isFlinkRun()) {
            return ErrorLine.of(e);
        }
        try (FlinkJobs flink = connect()) {
            return flink.failure(job).orElseGet(() -> ErrorLine.of(e));
        } catch (ProgramException away) {
            return ErrorLine.of(e);
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
}
