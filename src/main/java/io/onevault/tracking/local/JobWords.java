package io.onevault.tracking.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.checkpoint.TaskStateStats;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;

/** A job's state and its checkpoints in words, for people who wait for it. */
final class JobWords {

    private JobWords() {}

    static List<String> of(AccessExecutionGraph graph, long nowMillis) {
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
