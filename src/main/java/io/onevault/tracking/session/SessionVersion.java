package io.onevault.tracking.session;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of a session as it is published: the measures without the events.
 *
 * @param bounce null when the session has no page view
 * @param revenue sum of purchases by currency, gross
 * @param refunds sum of refunds by currency
 * @param successorBks the sessions that took the events of a superseded one
 * @param repeatedViews its events that tell of a page view again, with the page, and those that
 *     tell of its speed but are not the last ones
 */
public record SessionVersion(
        SessionStatus status,
        Instant start,
        Instant end,
        Instant loadDate,
        @Nullable String clientSessionId,
        String visitorBk,
        Counts counts,
        @Nullable Boolean bounce,
        Map<String, BigDecimal> revenue,
        Map<String, BigDecimal> refunds,
        @Nullable String entryPageUrl,
        @Nullable String exitPageUrl,
        Referrer referrer,
        String channel,
        Campaign campaign,
        Device device,
        @Nullable String language,
        @Nullable Place place,
        @Nullable String predecessorBk,
        List<String> successorBks,
        List<LinkedEvent> repeatedViews) {

    private static final String NO_CHANNEL = "none";

    /** The counted measures of a session; times in whole seconds. */
    public record Counts(
            int events,
            int pageViews,
            int interactiveEvents,
            int conversions,
            long engagedSeconds,
            long durationSeconds) {

        static final Counts ZERO = new Counts(0, 0, 0, 0, 0, 0);
    }

    static SessionVersion of(Session session, Instant loadDate, boolean closed) {
        var entry = session.entry();
        return new SessionVersion(
                closed ? SessionStatus.CLOSED : SessionStatus.OPEN,
                session.start(),
                session.end(),
                loadDate,
                entry.clientSessionId(),
                session.first().visitorBk(),
                new Counts(
                        session.events().size(),
                        session.pageViews(),
                        session.interactiveEvents(),
                        session.conversions(),
                        session.engagedSeconds(),
                        session.durationSeconds()),
                session.bounce(),
                session.revenue(),
                session.refunds(),
                session.entryPageUrl(),
                session.exitPageUrl(),
                entry.referrer(),
                entry.channel(),
                entry.campaign(),
                entry.device(),
                entry.language(),
                entry.place(),
                session.predecessorBk(),
                List.of(),
                again(session.repeatedViews()));
    }

    private static List<LinkedEvent> again(List<SessionEvent> repeated) {
        List<LinkedEvent> events = new ArrayList<>();
        for (SessionEvent event : repeated) {
            LinkedEvent link = SessionUpdate.link(event);
            events.add(event.type().equals(EventType.WEB_VITALS) ? link.withoutPage() : link);
        }
        return events;
    }

    /** The last version of a session that no longer exists; it counts nothing. */
    public static SessionVersion superseded(
            Instant start, Instant end, String visitorBk, Instant loadDate, List<String> by) {
        return new SessionVersion(
                SessionStatus.SUPERSEDED,
                start,
                end,
                loadDate,
                null,
                visitorBk,
                Counts.ZERO,
                null,
                Map.of(),
                Map.of(),
                null,
                null,
                Referrer.NONE,
                NO_CHANNEL,
                Campaign.NONE,
                Device.UNKNOWN,
                null,
                null,
                null,
                by,
                List.of());
    }
}
