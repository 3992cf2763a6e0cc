package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session as a function of its events. See docs/sessions.md.
 *
 * @param bk business key: {@code sess_}, the client's id or the visitor, a dot, epoch milliseconds
 *     of the first event
 * @param loadDate greatest {@code load_date} among the events and their corrections
 * @param entry the event whose campaign, referrer and device the session has
 * @param bounce null when the session has no page view
 * @param revenue sum of purchases by currency, gross
 * @param refunds sum of refunds by currency
 * @param events all events, ordered by (event time, event key)
 * @param repeatedViews those of them that tell of a page view that one before told of, or of its
 *     speed, of which one after them tells
 * @param predecessorBk the session that this one was split from
 */
public record Session(
        String bk,
        Instant start,
        Instant end,
        Instant loadDate,
        SessionEvent entry,
        @Nullable String entryPageUrl,
        @Nullable String exitPageUrl,
        int pageViews,
        int interactiveEvents,
        int conversions,
        Map<String, BigDecimal> revenue,
        Map<String, BigDecimal> refunds,
        long engagedSeconds,
        @Nullable Boolean bounce,
        List<SessionEvent> events,
        List<SessionEvent> repeatedViews,
        @Nullable String predecessorBk) {

    SessionEvent first() {
        return events.get(0);
    }

    public SessionEvent last() {
        return events.get(events.size() - 1);
    }

    long durationSeconds() {
        return end.getEpochSecond()
                - start.getEpochSecond()
                - (end.getNano() < start.getNano() ? 1 : 0);
    }
}
