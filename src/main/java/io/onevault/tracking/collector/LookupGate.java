package io.onevault.tracking.collector;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets few look-ups at once to the database, and once one has failed only one in a while until it
 * is there again: each may hold a thread of the doors for seconds.
 */
final class LookupGate {

    /** As many as there are connections for them. */
    static final int AT_ONCE = 3;

    /** Between a failure and the next try, and between two tries. */
    static final Duration PAUSE = Duration.ofMillis(1_500);

    /** A database that is there answers hundreds in this time. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private static final int MOST_WAITING = 16;

    private final InstantSource clock;
    private final Semaphore places = new Semaphore(AT_ONCE, true);
    private boolean isAway;
    private long nextTryAt;

    LookupGate(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether a look-up may begin; if so, its end is to be told by {@link #leave}. */
    boolean enter() {
        if (isAway()) {
            return isTry() && places.tryAcquire();
        }
        if (places.getQueueLength() >= MOST_WAITING || !waitForPlace()) {
            return false;
        }
        if (isAway()) {
            places.release();
            return false;
        }
        return true;
    }

    /**
     * Ends a look-up.
     *
     * @param isAnswered whether the database answered it
     */
    void leave(boolean isAnswered) {
        note(isAnswered);
        places.release();
    }

    private boolean waitForPlace() {
        try {
            return places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized boolean isAway() {
        return isAway;
    }

    private synchronized boolean isTry() {
        long now = clock.millis();
        if (now < nextTryAt) {
            return false;
        }
        nextTryAt = now + PAUSE.toMillis();
        return true;
    }

    private synchronized void note(boolean isAnswered) {
        isAway = !isAnswered;
        nextTryAt = clock.millis() + PAUSE.toMillis();
    }
}
