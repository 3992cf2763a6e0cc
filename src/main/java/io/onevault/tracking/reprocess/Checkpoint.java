package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.read.ReadSteps;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.reprocess.flink.Savepoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/**
 * How far a job that runs had come with a checkpoint, in whatever format that is.
 *
 * @param nextOffsets by partition where it would go on
 * @param watermark epoch milliseconds; {@link Long#MIN_VALUE} for none. What it has told by then is
 *     in the database
 */
record Checkpoint(Map<Integer, Long> nextOffsets, long watermark) {

    /**
     * The newest one in the folder; empty where there is none, or it can't be read from here, or
     * the next one took its place meanwhile.
     */
    static Optional<Checkpoint> newest(String folder) {
        try {
            Optional<String> path = Savepoints.newest(folder);
            return path.isEmpty() ? Optional.empty() : Optional.of(open(path.get()));
        } catch (ReprocessException | IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static Checkpoint open(String path) throws IOException {
        CheckpointMetadata metadata = Savepoint.metadata(path);
        Map<Integer, Long> next = new HashMap<>();
        Savepoint.nextOffsets(Savepoint.find(metadata, path, Step.TRACKER_EVENTS))
                .values()
                .forEach(next::putAll);
        var time = Savepoint.kept(Savepoint.find(metadata, path, Step.KEEP_TIME));
        return new Checkpoint(next, ReadSteps.keptWatermark(time));
    }
}
