package io.onevault.tracking.job.step;

import java.time.Duration;
import org.apache.flink.api.common.state.StateTtlConfig;

/**
 * How keyed state ends. Nobody reads a value when its time is over; on disk it is for a day more,
 * as what does not change would else lie there for a month; and no canonical savepoint takes it
 * along, as a native one does with what is on disk.
 */
public final class Expiry {

    private static final Duration REWRITTEN_AFTER = Duration.ofDays(1);
    private static final long ENTRIES_PER_CLOCK_READING = 1_000;
    private static final int ENTRIES_PER_ACCESS_ON_HEAP = 5;

    private Expiry() {}

    /**
     * @param ttl how long a value is kept after it was written
     */
    public static StateTtlConfig after(Duration ttl) {
        return StateTtlConfig.newBuilder(ttl)
                .cleanupFullSnapshot()
                .cleanupInRocksdbCompactFilter(ENTRIES_PER_CLOCK_READING, REWRITTEN_AFTER)
                .cleanupIncrementally(ENTRIES_PER_ACCESS_ON_HEAP, false)
                .build();
    }
}
