package io.onevault.tracking.reprocess.flink;

import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.JobConfigHeaders;
import org.apache.flink.runtime.rest.messages.JobConfigInfo;
import org.apache.flink.runtime.rest.messages.JobExceptionsHeaders;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory;
import org.apache.flink.runtime.rest.messages.JobMessageParameters;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointStatistics.CompletedCheckpointStatistics;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatistics;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatisticsHeaders;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.JobExceptionsMessageParameters;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.ExceptionUtils;

/**
 * The jobs of a cluster, by its REST API. Whoever starts one chooses its id before, and whoever
 * stops one chooses the folder of its savepoint: so a program that was killed in between finds out
 * what became of either.
 */
public final class FlinkJobs implements AutoCloseable {

    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofMinutes(10);
    private static final Duration START = Duration.ofMinutes(5);
    private static final int POLL_MILLIS = 200;

    /** What Flink calls the savepoint of a stop; it keeps the type to itself. */
    private static final String SYNC_SAVEPOINT = "SYNC_SAVEPOINT";

    private final Configuration configuration;
    private final RestClusterClient<String> client;

    /**
     * @param configuration by which jobs are submitted
     */
    FlinkJobs(Configuration configuration) {
        this.configuration = configuration;
        try {
            this.client = new RestClusterClient<>(configuration, "reprocess");
        } catch (Exception e) {
            throw new ProgramException(Program.AWAY, "FLINK_AWAY: " + ErrorLine.of(e), e);
        }
    }

    /** An environment for a job of this cluster. */
    public StreamExecutionEnvironment environment() {
        return environment(configuration);
    }

    private static StreamExecutionEnvironment environment(Configuration configuration) {
        return new StreamExecutionEnvironment(configuration, FlinkJobs.class.getClassLoader());
    }

    /** Where the cluster's configuration has savepoints written. */
    public Optional<String> savepointDirectory() {
        return configuration.getOptional(CheckpointingOptions.SAVEPOINT_DIRECTORY);
    }

    /** Jobs of the name that have not ended. */
    public List<JobID> alive(String name) {
        List<JobID> alive = new ArrayList<>();
        for (JobStatusMessage job : answer(client.listJobs(), ANSWER)) {
            if (job.getJobName().equals(name) && !job.getJobState().isTerminalState()) {
                alive.add(job.getJobId());
            }
        }
        return alive;
    }

    /** What became of the job; empty where the cluster does not know it, or no longer. */
    public Optional<JobStatus> status(JobID id) {
        for (JobStatusMessage job : answer(client.listJobs(), ANSWER)) {
            if (job.getJobId().equals(id)) {
                return Optional.of(job.getJobState());
            }
        }
        return Optional.empty();
    }

    public boolean isAlive(JobID id) {
        return status(id).filter(state -> !state.isTerminalState()).isPresent();
    }

    /** Whether it is alive, but is being stopped with a savepoint. */
    public boolean isBeingStopped(JobID id) {
        return isAlive(id)
                && statistics(id).getHistory().stream()
                        .filter(one -> one.getStatus() == CheckpointStatsStatus.IN_PROGRESS)
                        .anyMatch(
                                one ->
                                        SYNC_SAVEPOINT.equals(
                                                String.valueOf(one.getCheckpointType())));
    }

    private CheckpointingStatistics statistics(JobID id) {
        JobMessageParameters parameters = new JobMessageParameters();
        parameters.jobPathParameter.resolve(id);
        return answer(
                client.sendRequest(
                        CheckpointingStatisticsHeaders.getInstance(),
                        parameters,
                        EmptyRequestBody.getInstance()),
                ANSWER);
    }

    /** What a job tells of its settings; nothing where it tells none. */
    public Map<String, String> parameters(JobID id) {
        JobMessageParameters parameters = new JobMessageParameters();
        parameters.jobPathParameter.resolve(id);
        JobConfigInfo told =
                answer(
                        client.sendRequest(
                                JobConfigHeaders.getInstance(),
                                parameters,
                                EmptyRequestBody.getInstance()),
                        ANSWER);
        return told.getExecutionConfigInfo() == null
                ? Map.of()
                : told.getExecutionConfigInfo().getGlobalJobParameters();
    }

    /**
     * Why a job failed last, as the cluster tells it: what a client is told of it, it can't always
     * read. Empty where it has not, or the cluster does not know the job.
     */
    public Optional<String> failure(JobID id) {
        if (status(id).isEmpty()) {
            return Optional.empty();
        }
        JobExceptionsMessageParameters parameters = new JobExceptionsMessageParameters();
        parameters.jobPathParameter.resolve(id);
        JobExceptionsInfoWithHistory told =
                answer(
                        client.sendRequest(
                                JobExceptionsHeaders.getInstance(),
                                parameters,
                                EmptyRequestBody.getInstance()),
                        ANSWER);
        return told.getExceptionHistory().getEntries().stream()
                .findFirst()
                .map(last -> ErrorLine.ofTrace(last.getStacktrace()));
    }

    /** The folder of the job's checkpoints; empty where it has completed none since it began. */
    public Optional<String> checkpoints(JobID id) {
        var latest = statistics(id).getLatestCheckpoints();
        return Optional.ofNullable(latest.getCompletedCheckpointStatistics())
                .map(CompletedCheckpointStatistics::getExternalPath)
                // In the JobManager's memory it has no path.
                .filter(path -> path.contains(Path.SEPARATOR))
                .map(path -> new Path(path).getParent().toString());
    }

    /** Whether all of its tasks run; none are stopped with a savepoint before. */
    boolean runs(JobID id) {
        JobDetailsInfo job = answer(client.getJobDetails(id), ANSWER);
        for (JobVertexDetailsInfo vertex : job.getJobVertexInfos()) {
            int running = vertex.getTasksPerState().getOrDefault(ExecutionState.RUNNING, 0);
            if (running < vertex.getParallelism()) {
                return false;
            }
        }
        return job.getJobStatus() == JobStatus.RUNNING;
    }

    /**
     * Stops the job with a savepoint, also where somebody began to.
     *
     * @param folder of this savepoint alone
     * @return its path
     */
    public String stop(JobID id, String folder) throws InterruptedException {
        long until = System.nanoTime() + STOP.toNanos();
        while (true) {
            if (!isAlive(id)) {
                return Savepoints.newest(folder).orElseThrow(() -> ended(id, folder));
            }
            try {
                // Copies files; a canonical one walks through all state, as does who goes on from
                // it.
                return answer(
                        client.stopWithSavepoint(id, false, folder, SavepointFormatType.NATIVE),
                        STOP);
            } catch (ProgramException e) {
                // It starts, restarts, or is being stopped already.
                if (System.nanoTime() > until) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    private ProgramException ended(JobID id, String folder) {
        String state = status(id).map(Enum::name).orElse("unknown to the cluster");
        return new ProgramException(
                Program.FAILED,
                "JOB_ENDED: job %s is %s and left no savepoint in %s".formatted(id, state, folder),
                null);
    }

    /**
     * Starts a job, unless it was started before.
     *
     * @param id chosen by whoever asks
     * @param savepoint from which it goes on
     * @param options by which it differs from other jobs
     */
    public void start(
            JobID id,
            String name,
            String savepoint,
            Map<String, String> options,
            Consumer<StreamExecutionEnvironment> definition)
            throws Exception {
        if (status(id).isPresent()) {
            return;
        }
        Configuration own = new Configuration(configuration);
        own.addAll(Configuration.fromMap(options));
        own.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        own.set(DeploymentOptions.ATTACHED, false);
        StreamExecutionEnvironment environment = environment(own);
        definition.accept(environment);
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(name);
        graph.setJobId(id);
        environment.executeAsync(graph);
    }

    /** Ends a job for good. */
    public void cancel(JobID id) {
        answer(client.cancel(id), ANSWER);
        answer(client.requestJobResult(id), STOP);
    }

    /** Waits until all tasks of a started job run. */
    public void awaitRunning(JobID id) throws InterruptedException {
        long until = System.nanoTime() + START.toNanos();
        while (!runs(id)) {
            if (!isAlive(id) || System.nanoTime() > until) {
                throw new ProgramException(
                        Program.FAILED,
                        "JOB_NOT_STARTED: job %s is %s"
                                .formatted(id, status(id).map(Enum::name).orElse("unknown")),
                        null);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static <T> T answer(CompletableFuture<T> question, Duration wait) {
        try {
            return question.get(wait.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = ExceptionUtils.stripExecutionException(e);
            throw new ProgramException(Program.FAILED, "FLINK: " + ErrorLine.of(cause), cause);
        } catch (TimeoutException e) {
            String message = "FLINK_AWAY: no answer within " + wait.toSeconds() + " s";
            throw new ProgramException(Program.AWAY, message, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProgramException(Program.STOPPED, "Interrupted", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
