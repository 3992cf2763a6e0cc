package io.onevault.tracking.collector;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets few look-ups at once to the database, and once one has failed only one in a while until it
 * is there again: each may hold a thread of the doors for seconds. Keys that are known have places
 * of their own, which those who guess keys can't take.
 */
final class LookupGate {

    /** Look-ups at once of keys that are not known. */
    static final int STRANGERS_AT_ONCE = 3;

    /** And of keys that are. */
    static final int KNOWN_AT_ONCE = 2;

    /** Between a failure and the next try, and between two tries. */
    static final Duration PAUSE = Duration.ofMillis(1_500);

    /** A database that is there answers hundreds in this time. */
    static final Duration PATIENCE = Duration.ofMillis(250);

    /** After a failure: all known keys are asked for together once the database is back. */
    static final Duration AFTERMATH = Duration.ofMinutes(1);

    private static final int MOST_WAITING = 16;

    private final InstantSource clock;
    private final Semaphore strangers = new Semaphore(STRANGERS_AT_ONCE, true);
    private final Semaphore known = new Semaphore(KNOWN_AT_ONCE, true);
    private boolean isAway;
    private long nextTryAt;
    private long aftermathUntil;
    private int underWay;
    private long silentSince;

    /** Whether a look-up may begin. */
    enum Entry {
        /** It may; its end is to be told by {@link #leave}. */
        OPEN,

        /** Not now; but the database answers others. */
        BUSY,

        /** The database does not answer, or has not long been there again. */
        AWAY
    }

    LookupGate(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * @param isKnown whether the key opened something when it was last looked up
     */
    Entry enter(boolean isKnown) {
        Semaphore places = isKnown ? known : strangers;
        if (isAway()) {
            return isTry() && places.tryAcquire() ? begun() : Entry.AWAY;
        }
        if (places.getQueueLength() >= MOST_WAITING || !waitForPlace(places)) {
            return turnedBack();
        }
        if (isAway()) {
            places.release();
            return Entry.AWAY;
        }
        return begun();
    }

    /**
     * Ends a look-up.
     *
     * @param isKnown as it began
     * @param isAnswered whether the database answered it
     */
    void leave(boolean isKnown, boolean isAnswered) {
        note(isAnswered);
        (isKnown ? known : strangers).release();
    }

    private static boolean waitForPlace(Semaphore places) {
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

    private synchronized Entry begun() {
        if (underWay == 0) {
            silentSince = clock.millis();
        }
        underWay++;
        return Entry.OPEN;
    }

    private synchronized Entry turnedBack() {
        long now = clock.millis();
        boolean isSilent = underWay > 0 && now - silentSince >= PATIENCE.toMillis();
        return isAway || isSilent || now < aftermathUntil ? Entry.AWAY : Entry.BUSY;
    }

    private synchronized void note(boolean isAnswered) {
        long now = clock.millis();
        underWay--;
        silentSince = now;
        isAway = !isAnswered;
        nextTryAt = now + PAUSE.toMillis();
        if (isAway) {
            aftermathUntil = now + AFTERMATH.toMillis();
        }
    }
}
