package io.onevault.tracking.job.session;

import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * The span of the sessions, where one of them has such an event, so that they may have been
     * published before; null elsewhere, and where nothing is to be written.
     */
    @Nullable SessionSpan span(List<SessionUpdate> updates, List<Session> sessions) {
        return !updates.isEmpty() && mayHold(sessions) ? SessionSpan.of(sessions) : null;
    }

    private boolean mayHold(List<Session> sessions) {
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
