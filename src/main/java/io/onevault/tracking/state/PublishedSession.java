package io.onevault.tracking.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was last published of a session, so that only changes are published again.
 *
 * @param loadDate {@code load_date} of the published version
 * @param closed whether that version was closed
 * @param linkedEvents fingerprints of the events linked to the session, ascending
 * @param counting how often its events counted as conversion or revenue, which corrections lessen
 * @param predecessorBk the session that it was split from
 */
public record PublishedSession(
        String visitorBk,
        Instant start,
        Instant end,
        Instant loadDate,
        boolean closed,
        long[] linkedEvents,
        int counting,
        @Nullable String predecessorBk) {}
