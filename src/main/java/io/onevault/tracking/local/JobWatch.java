package io.onevault.tracking.local;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.checkpoint.TaskStateStats;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;

/** Tells people of each restart of the job, and fails when the job has failed for good. */
public final class JobWatch {

    // -- configuration
    private final RunningJob job;
    private final Progress progress;

    // -- runtime
    private Optional<String> lastFailure = Optional.empty();

    public JobWatch(RunningJob job, Progress progress) {
        this.job = job;
        this.progress = progress;
    }

    void check() throws IOException {
        Optional<String> failure = job.requireAlive();
        if (failure.isPresent() && !failure.equals(lastFailure)) {
            progress.say("The job restarts after a failure: " + failure.get());
        }
        lastFailure = failure;
    }

    /** How many tasks run, which changes while the job starts or restarts. */
    int runningTasks() throws IOException {
        return job.runningTasks();
    }

    /** How the job and its checkpoints are, for people who wait for it. */
    List<String> words() throws IOException {
        AccessExecutionGraph graph = job.graph();
        long nowMillis = System.currentTimeMillis();
        List<String> words = new ArrayList<>();
        words.add("the job is " + graph.getState());
        CheckpointStatsSnapshot stats = graph.getCheckpointStatsSnapshot();
        AbstractCheckpointStats last = stats.getHistory().getLatestCompletedCheckpoint();
        words.add(
                last == null
                        ? "it has completed no checkpoint"
                        : "its last checkpoint was completed "
                                + seconds(nowMillis - last.getLatestAckTimestamp())
                                + " ago");
        long failed = stats.getCounts().getNumberOfFailedCheckpoints();
        if (failed > 0) {
            words.add(failed + " checkpoints have failed");
        }
        for (AbstractCheckpointStats checkpoint : stats.getHistory().getCheckpoints()) {
            if (checkpoint.getStatus() == CheckpointStatsStatus.IN_PROGRESS) {
                words.add(
                        "one has been under way for "
                                + seconds(nowMillis - checkpoint.getTriggerTimestamp())
                                + " and waits for "
                                + String.join(", ", missing(graph, checkpoint)));
            }
        }
        return words;
    }

    /** The tasks that have not taken part yet. */
    private static List<String> missing(
            AccessExecutionGraph graph, AbstractCheckpointStats checkpoint) {
        List<String> missing = new ArrayList<>();
        for (AccessExecutionJobVertex vertex : graph.getVerticesTopologically()) {
            TaskStateStats task = checkpoint.getTaskStateStats(vertex.getJobVertexId());
            if (task != null
                    && task.getNumberOfAcknowledgedSubtasks() < task.getNumberOfSubtasks()) {
                missing.add(vertex.getName());
            }
        }
        return missing;
    }

    private static String seconds(long millis) {
        return Duration.ofMillis(millis).toSeconds() + " s";
    }
}
