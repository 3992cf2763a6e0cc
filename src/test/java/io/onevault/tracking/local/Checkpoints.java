package io.onevault.tracking.local;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.RestoredCheckpointStats;

/** The checkpoints of a running job. */
final class Checkpoints {

    private Checkpoints() {}

    /** The savepoint or checkpoint that this run was resumed from. */
    static Optional<Path> resumed(RunningJob job) throws IOException {
        RestoredCheckpointStats restored =
                job.graph().getCheckpointStatsSnapshot().getLatestRestoredCheckpoint();
        return Optional.ofNullable(restored)
                .map(stats -> Path.of(URI.create(stats.getExternalPath())));
    }

    /** How many were completed in this run. */
    static long completed(RunningJob job) throws IOException {
        return job.graph()
                .getCheckpointStatsSnapshot()
                .getCounts()
                .getNumberOfCompletedCheckpoints();
    }
}
