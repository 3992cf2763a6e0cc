package io.onevault.tracking.local;

import io.onevault.tracking.program.ErrorLine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.util.ExceptionUtils;

/** The stack's job: whether it is well, and how to stop it so that the next run continues. */
public final class RunningJob {

    private static final Duration ANSWER_WAIT = Duration.ofSeconds(60);
    private static final Duration STOP_WAIT = Duration.ofSeconds(120);

    private final MiniCluster cluster;
    private final String name;
    private final ResumePoints resumePoints;

    private volatile JobID id;

    RunningJob(MiniCluster cluster, JobGraph job, ResumePoints resumePoints) {
        this.cluster = cluster;
        this.name = job.getName();
        this.id = job.getJobID();
        this.resumePoints = resumePoints;
    }

    /** Whether every task runs; false while it starts or restarts. */
    public boolean runs() throws IOException {
        AccessExecutionGraph graph = graph();
        requireAlive(graph);
        for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    int runningTasks() throws IOException {
        int running = 0;
        for (AccessExecutionVertex vertex : graph().getAllExecutionVertices()) {
            running += vertex.getExecutionState() == ExecutionState.RUNNING ? 1 : 0;
        }
        return running;
    }

    /**
     * Throws when the job has failed for good.
     *
     * @return why it restarted last, in one line
     */
    public Optional<String> requireAlive() throws IOException {
        return requireAlive(graph());
    }

    private static Optional<String> requireAlive(AccessExecutionGraph graph) throws IOException {
        Optional<String> failure = failure(graph);
        JobStatus state = graph.getState();
        boolean failed = state.isTerminalState() || state == JobStatus.FAILING;
        // Who stops it by Flink's REST API starts another one.
        if (failed && state != JobStatus.FINISHED) {
            throw new IOException(
                    "The job is " + state + failure.map(cause -> ": " + cause).orElse(""));
        }
        return failure;
    }

    private static Optional<String> failure(AccessExecutionGraph graph) {
        ErrorInfo info = graph.getFailureInfo();
        if (info == null) {
            return Optional.empty();
        }
        Throwable thrown = info.getException().deserializeError(RunningJob.class.getClassLoader());
        return Optional.of(ErrorLine.of(thrown));
    }

    /**
     * The job as the cluster sees it, with its checkpoint statistics: the one that was started, or
     * the one that a reprocess started in its place.
     */
    public AccessExecutionGraph graph() throws IOException {
        AccessExecutionGraph graph = answer(cluster.getExecutionGraph(id), ANSWER_WAIT);
        if (graph.getState() != JobStatus.FINISHED) {
            return graph;
        }
        for (JobStatusMessage other : alive()) {
            if (other.getJobName().equals(name)) {
                id = other.getJobId();
            }
        }
        return answer(cluster.getExecutionGraph(id), ANSWER_WAIT);
    }

    private List<JobStatusMessage> alive() throws IOException {
        return answer(cluster.listJobs(), ANSWER_WAIT).stream()
                .filter(job -> !job.getJobState().isTerminalState())
                .toList();
    }

    /**
     * Stops the job with a savepoint; where that fails it is cancelled, and its last checkpoint
     * stays.
     *
     * @return where the next run will go on
     */
    Optional<Path> stop() throws IOException {
        graph();
        // What a reprocess leaves behind is nothing to go on from.
        for (JobStatusMessage other : alive()) {
            if (!other.getJobId().equals(id)) {
                answer(cluster.cancelJob(other.getJobId()), ANSWER_WAIT);
                answer(cluster.requestJobResult(other.getJobId()), STOP_WAIT);
            }
        }
        try {
            String target = resumePoints.savepoints().toUri().toString();
            String savepoint =
                    answer(
                            cluster.stopWithSavepoint(
                                    id, target, false, SavepointFormatType.CANONICAL),
                            STOP_WAIT);
            resumePoints.keepOnly(Path.of(URI.create(savepoint)));
        } catch (IOException notRunning) {
            if (!answer(cluster.getJobStatus(id), ANSWER_WAIT).isTerminalState()) {
                answer(cluster.cancelJob(id), ANSWER_WAIT);
            }
        }
        answer(cluster.requestJobResult(id), STOP_WAIT);
        return resumePoints.newest();
    }

    /** Takes a savepoint of the job, which goes on. */
    String savepoint() throws IOException {
        String target = resumePoints.savepoints().toUri().toString();
        return answer(
                cluster.triggerSavepoint(id, target, false, SavepointFormatType.CANONICAL),
                STOP_WAIT);
    }

    static <T> T answer(CompletableFuture<T> question, Duration wait) throws IOException {
        try {
            return question.get(wait.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = ExceptionUtils.stripExecutionException(e);
            throw new IOException(ErrorLine.of(cause), cause);
        } catch (TimeoutException e) {
            throw new IOException("Flink does not answer within " + wait.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
    }
}
