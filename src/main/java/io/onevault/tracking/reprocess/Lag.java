package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * By how many records a job is behind another one.
 *
 * @param records asks for it
 * @param most for how long it is waited for; null for as long as it takes
 * @param tooLong what it is called when that is over
 * @param job of whom this is told
 */
record Lag(Callable<Long> records, @Nullable Duration most, Code tooLong, String job) {

    private static final int POLL_MILLIS = 200;

    /**
     * That of the live job, which is to pass what the shadow's had read at some time.
     *
     * @param committed tells where the live job is
     */
    static Lag ofLive(
            Callable<Map<Integer, Long>> committed, Map<Integer, Long> read, Duration most) {
        Callable<Long> records = () -> Offsets.behind(committed.call(), read);
        return new Lag(records, most, Code.LIVE_JOB_BEHIND, "the live job");
    }

    /**
     * Waits until there is none.
     *
     * @param meanwhile is told of it each time, and may throw
     * @throws ReprocessException when it takes too long
     */
    void awaitNone(LongConsumer meanwhile) throws Exception {
        long began = System.nanoTime();
        long behind = records.call();
        while (behind > 0) {
            if (most != null && System.nanoTime() - began > most.toNanos()) {
                throw new ReprocessException(
                        tooLong, "%s is still %,d records behind".formatted(job, behind));
            }
            meanwhile.accept(behind);
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            behind = records.call();
        }
    }
}
