package io.onevault.tracking.collector;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database answers. Anybody may ask, and it takes a connection that keys are looked up
 * with, and some seconds while it is away: so it is found out once a second, by one of those who
 * ask, and the others are told what was known last.
 */
final class DatabaseState {

    private static final Duration HOLDS = Duration.ofSeconds(1);

    private final BooleanSupplier database;
    private final InstantSource clock;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile @Nullable Told told;

    private record Told(boolean isThere, long until) {}

    /**
     * @param database asks it
     */
    DatabaseState(BooleanSupplier database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    boolean isThere() {
        Told last = told;
        if (last == null) {
            asking.lock();
        } else if (clock.millis() < last.until() || !asking.tryLock()) {
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
        if (last != null && clock.millis() < last.until()) {
            return last;
        }
        boolean isThere = database.getAsBoolean();
        Told now = new Told(isThere, clock.millis() + HOLDS.toMillis());
        told = now;
        return now;
    }
}
