package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long a page view was seen in a session, by its pings in the order of their times.
 *
 * <p>The tracker pings when a view was seen for 5, 15, 25 … seconds, and a ping that leaves tells
 * the seconds of the view in all. So of a view that goes on from a session before, the seconds are
 * those from its first event here to the first ping, ten for each further one, and what the last
 * leave has beyond the pings.
 */
final class SeenView {

    private static final long SECOND = 1_000;
    private static final long BUCKET = 10 * SECOND;
    private static final long FIRST_BUCKET = 5 * SECOND;

    private final Instant begin;
    private final Set<Long> buckets = new HashSet<>();
    private boolean isOfThisSession;

    /** What the latest leave told, and when; and the most that one told and there was time for. */
    private long told;

    private @Nullable Instant leftAt;
    private long left;

    /** Of a view that goes on: seen before its first ping, or leave, and since its last ping. */
    private long beforePings;

    private long sincePing;

    /**
     * @param begin of the view in this session: its first event
     */
    SeenView(Instant begin) {
        this.begin = begin;
    }

    /** Takes the view's next event. */
    void add(SessionEvent event) {
        if (event.type().equals(EventType.PAGE_VIEW)) {
            isOfThisSession = true;
        } else if (event.type().equals(EventType.PAGE_PING)) {
            if (event.leftAfterMillis() == null) {
                ping(event.occurredAt());
            } else {
                leave(event.leftAfterMillis(), event.occurredAt());
            }
        }
    }

    private void ping(Instant at) {
        if (buckets.isEmpty()) {
            if (leftAt != null) {
                beforePings += Math.min(millis(leftAt, at), BUCKET - beyondPings(told));
            } else {
                // Where nothing else tells of it, it may have been seen for anything up to ten.
                beforePings = at.equals(begin) ? FIRST_BUCKET : Math.min(millis(begin, at), BUCKET);
            }
        }
        buckets.add(Math.floorDiv(at.toEpochMilli(), BUCKET));
        sincePing = 0;
    }

    private void leave(long seen, Instant at) {
        if (!buckets.isEmpty()) {
            sincePing = beyondPings(seen);
        } else if (leftAt == null) {
            beforePings = Math.min(seen, millis(begin, at));
        } else {
            beforePings += Math.max(0, Math.min(seen - told, millis(leftAt, at)));
        }
        left = Math.max(left, Math.min(seen, millis(begin, at)));
        told = seen;
        leftAt = at;
    }

    /** What a view that was seen for so long was seen since its last ping. */
    private static long beyondPings(long seen) {
        return Math.floorMod(seen - FIRST_BUCKET, BUCKET);
    }

    private static long millis(Instant from, Instant to) {
        return Duration.between(from, to).toMillis();
    }

    long seconds() {
        long further = BUCKET * Math.max(0, buckets.size() - 1);
        long pinged = buckets.isEmpty() ? 0 : FIRST_BUCKET + further;
        return leftAt == null || isOfThisSession
                ? Math.max(pinged, Math.min(left, pinged + BUCKET)) / SECOND
                : (beforePings + further + sincePing) / SECOND;
    }
}
