package io.onevault.tracking.session;

import static io.onevault.tracking.session.SessionOrder.later;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.state.ItemMoney;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts and measures of the events of one session. */
final class SessionSummary {

    private static final int BOUNCE_SECONDS = 10;

    private final Map<String, BigDecimal> revenue = new TreeMap<>();
    private final Map<String, BigDecimal> refunds = new TreeMap<>();
    private final Set<String> converted = new HashSet<>();
    private final Set<String> paid = new HashSet<>();
    private final Set<String> viewed = new HashSet<>();
    private final Map<String, SessionEvent> measured = new HashMap<>();
    private final List<SessionEvent> repeatedViews = new ArrayList<>();
    private int pageViews;
    private int interactive;
    private int conversions;
    private @Nullable SessionEvent firstPageView;
    private @Nullable SessionEvent lastPageView;

    private SessionSummary() {}

    /**
     * @param events at least one, ordered by (event time, event key)
     */
    static Session of(
            String bk,
            List<SessionEvent> events,
            SessionEvent entry,
            @Nullable String predecessorBk) {
        SessionSummary summary = new SessionSummary();
        Instant loadDate = Instant.MIN;
        for (SessionEvent event : events) {
            summary.add(event);
            loadDate = later(loadDate, event.loadDate());
            if (event.correctedAt() != null) {
                loadDate = later(loadDate, event.correctedAt());
            }
        }
        long engaged = EngagedTime.seconds(events);
        return new Session(
                bk,
                events.get(0).occurredAt(),
                events.get(events.size() - 1).occurredAt(),
                loadDate,
                entry,
                url(summary.firstPageView),
                url(summary.lastPageView),
                summary.pageViews,
                summary.interactive,
                summary.conversions,
                summary.revenue,
                summary.refunds,
                engaged,
                summary.bounce(engaged),
                List.copyOf(events),
                List.copyOf(summary.repeatedViews),
                predecessorBk);
    }

    private void add(SessionEvent event) {
        if (isPageView(event)) {
            view(event);
        } else if (event.type().equals(EventType.WEB_VITALS)) {
            measure(event);
        }
        if (event.interactive()) {
            interactive++;
        }
        if (event.conversion() && isNew(event.transactionId(), converted)) {
            conversions++;
        }
        String currency = event.currency() == null ? Purchase.NO_CURRENCY : event.currency();
        if (event.pays() && isNew(event.transactionId(), paid)) {
            if (event.revenue() != null) {
                revenue.merge(currency, event.revenue(), BigDecimal::add);
            } else {
                add(event.itemMoney());
            }
        }
        // A transaction may be refunded in parts: each event tells of another one.
        if (event.refund() != null) {
            refunds.merge(currency, event.refund(), BigDecimal::add);
        }
    }

    private void view(SessionEvent event) {
        if (!isNew(event.pageViewId(), viewed)) {
            repeatedViews.add(event);
            return;
        }
        pageViews++;
        firstPageView = firstPageView == null ? event : firstPageView;
        lastPageView = event;
    }

    /** Of those of a page view the last one tells all that the others do. */
    private void measure(SessionEvent event) {
        if (event.pageViewId() != null) {
            SessionEvent before = measured.put(event.pageViewId(), event);
            if (before != null) {
                repeatedViews.add(before);
            }
        }
    }

    private void add(ItemMoney money) {
        money.revenue().forEach((of, amount) -> revenue.merge(of, amount, BigDecimal::add));
        money.refunds().forEach((of, amount) -> refunds.merge(of, amount, BigDecimal::add));
    }

    /** What is told twice, a purchase as a step and as such or a page view again, counts once. */
    private static boolean isNew(@Nullable String id, Set<String> known) {
        return id == null || known.add(id);
    }

    private @Nullable Boolean bounce(long engagedSeconds) {
        if (pageViews == 0) {
            return null;
        }
        return pageViews == 1 && interactive == 0 && engagedSeconds < BOUNCE_SECONDS;
    }

    private static boolean isPageView(SessionEvent event) {
        return event.type().equals(EventType.PAGE_VIEW);
    }

    private static @Nullable String url(@Nullable SessionEvent event) {
        return event == null ? null : event.pageUrl();
    }
}
