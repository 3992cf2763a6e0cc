package io.onevault.tracking.job.session;

import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Tells events that an earlier attempt of the job may have seen: appended before this one began.
 */
final class Replay {

    /** By how much the broker's clock may be ahead of this machine's. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    private final Instant end;

    /**
     * @param began when this attempt began
     */
    Replay(Instant began) {
        this.end = began.plus(CLOCK_SKEW);
    }

    /** Whether such an event is in the sessions, so that they may have been published before. */
    boolean mayHold(List<Session> sessions) {
        for (Session session : sessions) {
            for (SessionEvent event : session.events()) {
                if (event.loadDate().isBefore(end)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether such an event counts for the first time in this attempt. */
    boolean brought(List<SessionUpdate> updates) {
        for (SessionUpdate update : updates) {
            for (LinkedEvent event : update.links()) {
                if (event.loadDate().isBefore(end)) {
                    return true;
                }
            }
        }
        return false;
    }
}
