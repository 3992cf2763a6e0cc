package io.onevault.tracking.job.read;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether time must wait for a partition that can't be read. The source takes such a one for
 * silent, which holds nobody back. Asks Kafka from time to time, and without an answer goes on with
 * the last one. Not thread-safe.
 */
final class Holdup {

    private final Backlog backlog;
    private final long askingMillis;

    private @Nullable CompletableFuture<Boolean> question;
    private long askedAt;
    private boolean holds;

    /**
     * @param askingMillis time between two questions
     */
    Holdup(Backlog backlog, long askingMillis) {
        this.backlog = backlog;
        this.askingMillis = askingMillis;
        this.askedAt = Long.MIN_VALUE / 2;
    }

    /** Takes an answer that has come, and asks again when it is time to. */
    void look(long now, Map<Integer, Long> nextOffsets) {
        if (question != null && question.isDone()) {
            if (!question.isCompletedExceptionally()) {
                holds = question.join();
            }
            question = null;
        }
        if (question == null && now - askedAt >= askingMillis) {
            askedAt = now;
            question = backlog.isHeldUp(nextOffsets);
        }
    }

    /** By the last answer. */
    boolean holds() {
        return holds;
    }
}
