package io.onevault.tracking.state;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The last of a key's sessions that nothing may change any more and whose events are dropped, while
 * later ones of the key live on.
 *
 * @param bk null where there were only events that make no session
 * @param end its last event
 * @param gapMillis the gap after it
 * @param until the last event dropped: events up to it come too late
 * @param untilEventBk that event's key, which breaks ties
 * @param untilSequence the client's count of that event
 */
public record SettledSession(
        @Nullable String bk,
        Instant end,
        long gapMillis,
        Instant until,
        String untilEventBk,
        @Nullable Long untilSequence) {

    /** Whether the event lies before those that are still there. */
    public boolean covers(SessionEvent event) {
        return event.comparePlace(until, untilSequence, untilEventBk) <= 0;
    }

    public boolean isWithinGap(Instant start) {
        return Duration.between(end, start).toMillis() <= gapMillis;
    }
}
