package io.onevault.tracking.job.read;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Tells whether the job's topic holds events that were not read yet. */
interface Backlog extends Serializable, AutoCloseable {

    /**
     * Asks whether the whole topic is silent and read to its end. Returns at once.
     *
     * @param nextOffsets by partition the offset after the last record that the caller knows to be
     *     read; others may have been read elsewhere
     * @return fails where it can't be known
     */
    CompletableFuture<Boolean> isNone(Map<Integer, Long> nextOffsets);

    /**
     * Asks whether a partition can't be read at present, or was so and has not yet been read to the
     * end that it had when it came back. Returns at once.
     *
     * @param nextOffsets as of {@link #isNone}
     * @return fails where it can't be known
     */
    CompletableFuture<Boolean> isHeldUp(Map<Integer, Long> nextOffsets);

    @Override
    void close();
}
