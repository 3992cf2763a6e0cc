package io.onevault.tracking.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may choose of the rules in docs/sessions.md.
 *
 * @param gapMillis longest silence within a session
 * @param maxMillis a session ends this long after its start
 * @param maxEvents a session ends with this many events
 * @param campaignSplit whether a landing from another campaign begins a session
 * @param midnightZone IANA time zone in which midnight ends a session; null: it does not
 * @param referrerSplit whether a landing from another site begins a session
 */
public record SessionRules(
        long gapMillis,
        long maxMillis,
        int maxEvents,
        boolean campaignSplit,
        @Nullable String midnightZone,
        boolean referrerSplit) {

    /** Stored with every session: which version of docs/sessions.md made it. */
    public static final short VERSION = 7;

    /** Longest gap and longest session that a tenant may choose: a week. */
    public static final long MOST_MILLIS = Duration.ofDays(7).toMillis();

    /** No tenant may choose more events in a session, as all of them are kept in state. */
    public static final int MOST_EVENTS = 10_000;

    public static final SessionRules DEFAULT =
            new SessionRules(
                    Duration.ofMinutes(30).toMillis(),
                    Duration.ofHours(24).toMillis(),
                    MOST_EVENTS,
                    true,
                    null,
                    false);
}
