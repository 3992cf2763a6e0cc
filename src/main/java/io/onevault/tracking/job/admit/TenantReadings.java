package io.onevault.tracking.job.admit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.clock.Clock;

/**
 * When tenants are read: when they are old, and sooner when somebody asks, but then at most once in
 * a while however many ask. Readings are numbered, so that who asked can tell when a reading that
 * began later has ended. Shared by the thread that reads and the one that asks.
 */
final class TenantReadings {

    // -- configuration
    private final long refreshNanos;
    private final long paceNanos;
    private final Clock clock;

    // -- runtime
    private long begun;
    private long ended;
    private long succeeded;
    private long begunAtNanos;
    private boolean asked;
    private boolean urgent;
    private boolean closed;

    /**
     * @param refresh how often tenants are read when nobody asks
     * @param pace how often they are read at most when somebody does
     */
    TenantReadings(Duration refresh, Duration pace, Clock clock) {
        this.refreshNanos = refresh.toNanos();
        this.paceNanos = Math.min(pace.toNanos(), refreshNanos);
        this.clock = clock;
    }

    /** Asks for a reading that begins later than now, and returns its number. */
    synchronized long ask() {
        asked = true;
        notifyAll();
        return begun + 1;
    }

    /** Whether that reading, or one after it, has brought the tenants. */
    synchronized boolean succeeded(long number) {
        return succeeded >= number;
    }

    /** Waits until a reading is due and begins it; false when there will be none any more. */
    synchronized boolean begin() throws InterruptedException {
        while (!closed) {
            long nanos = nanosUntilDue();
            if (nanos <= 0) {
                begun++;
                begunAtNanos = clock.relativeTimeNanos();
                asked = false;
                urgent = false;
                return true;
            }
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        }
        return false;
    }

    synchronized long nanosUntilDue() {
        if (begun == 0 || urgent) {
            return 0;
        }
        long interval = asked ? paceNanos : refreshNanos;
        return begunAtNanos + interval - clock.relativeTimeNanos();
    }

    synchronized void end(boolean success) {
        ended = begun;
        if (success) {
            succeeded = begun;
        }
        notifyAll();
    }

    synchronized void awaitFirst() throws InterruptedException {
        while (ended == 0 && !closed) {
            wait();
        }
    }

    /**
     * Waits for the reading of that number, which is made at once. Gives up when it fails, when the
     * time is over, and at once when the database is known to be slow or away.
     */
    synchronized void await(long number, Duration mostWait) throws InterruptedException {
        urgent = true;
        notifyAll();
        long until = clock.relativeTimeNanos() + mostWait.toNanos();
        long stuck = begunAtNanos + mostWait.toNanos();
        while (ended < number && succeeded == ended && !closed) {
            long limit = ended < begun && begun < number ? Math.min(until, stuck) : until;
            long nanos = limit - clock.relativeTimeNanos();
            if (nanos <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
