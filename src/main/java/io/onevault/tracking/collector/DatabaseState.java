package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database answers. Anybody may ask, and it takes a connection that keys are looked up
 * with, and some seconds while it is away: so it is found out once a second, by one of those who
 * ask, and the others are told what was known last.
 */
final class DatabaseState {

    private static final Duration HOLDS = Duration.ofSeconds(1);

    /** Longer than it takes to find out; what is older is told to nobody. */
    private static final Duration TOLD = Duration.ofSeconds(10);

    private final BooleanSupplier database;
    private final LongSupplier nanos;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile @Nullable Told told;

    private record Told(boolean isThere, long atNanos) {

        boolean isWithin(Duration age, long now) {
            return now - atNanos < age.toNanos();
        }
    }

    /**
     * @param database asks it
     * @param nanos as {@link System#nanoTime()}
     */
    DatabaseState(BooleanSupplier database, LongSupplier nanos) {
        this.database = database;
        this.nanos = nanos;
    }

    boolean isThere() {
        Told last = told;
        long now = nanos.getAsLong();
        if (last == null || !last.isWithin(TOLD, now)) {
            asking.lock();
        } else if (last.isWithin(HOLDS, now) || !asking.tryLock()) {
            return last.isThere();
        }
        try {
            return ask().isThere();
        } finally {
            asking.unlock();
        }
    }

    /** Who had to wait is told what the one before has found out. */
    private Told ask() {
        Told last = told;
        if (last != null && last.isWithin(HOLDS, nanos.getAsLong())) {
            return last;
        }
        boolean isThere = database.getAsBoolean();
        Told now = new Told(isThere, nanos.getAsLong());
        told = now;
        return now;
    }
}
