package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes sessions out of the set of events of one key (tenant and client session or visitor). A pure
 * function: neither the order of the events nor repetitions of the call change the outcome.
 */
public final class Sessionizer {

    /** Ties in event time are broken by the event's key, never by arrival. */
    private static final Comparator<SessionEvent> BY_TIME_AND_KEY =
            Comparator.comparing(SessionEvent::occurredAt).thenComparing(SessionEvent::eventBk);

    private final SessionRules rules;

    public Sessionizer(SessionRules rules) {
        this.rules = rules;
    }

    /** The sessions of the given events, which must all belong to one key. */
    public Sessions sessionize(Iterable<SessionEvent> events) {
        List<SessionEvent> sorted = new ArrayList<>();
        events.forEach(sorted::add);
        sorted.sort(BY_TIME_AND_KEY);

        List<Session> sessions = new ArrayList<>();
        List<SessionEvent> unassigned = new ArrayList<>();
        List<SessionEvent> open = new ArrayList<>();
        for (SessionEvent event : sorted) {
            boolean joins = !open.isEmpty() && joins(open, event);
            if (!joins && isPing(event)) {
                unassigned.add(event);
                continue;
            }
            if (!joins && !open.isEmpty()) {
                sessions.add(close(open, sessions));
                open = new ArrayList<>();
            }
            open.add(event);
        }
        if (!open.isEmpty()) {
            sessions.add(close(open, sessions));
        }
        return new Sessions(sessions, unassigned);
    }

    private boolean joins(List<SessionEvent> open, SessionEvent event) {
        return withinGap(open, event) && withinCap(open, event) && !isOtherCampaign(open, event);
    }

    private static boolean withinGap(List<SessionEvent> open, SessionEvent event) {
        SessionEvent last = open.get(open.size() - 1);
        return millisBetween(last, event) <= last.gapMillis();
    }

    private boolean withinCap(List<SessionEvent> open, SessionEvent event) {
        return open.size() < rules.maxEvents()
                && millisBetween(open.get(0), event) <= rules.maxDuration().toMillis();
    }

    /** A landing from another campaign begins a new session; a link within the site never does. */
    private static boolean isOtherCampaign(List<SessionEvent> open, SessionEvent event) {
        return !isPing(event)
                && !event.referrer().internal()
                && event.campaign().isPresent()
                && !campaignKey(event).equals(campaignKey(open));
    }

    private static String campaignKey(List<SessionEvent> open) {
        return campaignKey(SessionSummary.entry(open));
    }

    private static String campaignKey(SessionEvent event) {
        var campaign = event.campaign();
        return String.join(
                "\n",
                fold(campaign.source()),
                fold(campaign.medium()),
                fold(campaign.name()),
                fold(campaign.clickId()));
    }

    private static String fold(@Nullable String text) {
        return text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
    }

    private static boolean isPing(SessionEvent event) {
        return event.type().equals(EventType.PAGE_PING);
    }

    /** Whole milliseconds, as the gap is stated in milliseconds. */
    private static long millisBetween(SessionEvent earlier, SessionEvent later) {
        return Duration.between(earlier.occurredAt(), later.occurredAt()).toMillis();
    }

    private static Session close(List<SessionEvent> events, List<Session> earlier) {
        Session previous = earlier.isEmpty() ? null : earlier.get(earlier.size() - 1);
        boolean split = previous != null && withinGap(previous.events(), events.get(0));
        return SessionSummary.of(bk(events.get(0), earlier), events, split ? previous.bk() : null);
    }

    /** Two sessions of a key that begin in the same millisecond are told apart by a counter. */
    private static String bk(SessionEvent first, List<Session> earlier) {
        String bk = SessionKeys.sessionBk(first.sessionId(), first.occurredAt());
        int sameStart = 0;
        for (int i = earlier.size() - 1; i >= 0 && earlier.get(i).bk().startsWith(bk); i--) {
            sameStart++;
        }
        return sameStart == 0 ? bk : bk + "." + (sameStart + 1);
    }
}
