package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session in the making: decides whether the next event in order joins it. The gap is that of the
 * event before the silence, all other rules are those of the session's first event.
 */
final class OpenSession {

    private final List<SessionEvent> events = new ArrayList<>();
    private final SessionEvent first;
    private final SessionRules rules;
    private SessionEvent last;

    /** Tells where the session came from: the first page view or the first event. */
    private SessionEvent entry;

    private boolean viewed;

    /** Ids of page views. */
    private final Set<String> views = new HashSet<>();

    OpenSession(SessionEvent first) {
        this.first = first;
        this.rules = first.rules();
        this.last = first;
        this.entry = first;
        this.viewed = isPageView(first);
        keep(first);
    }

    List<SessionEvent> events() {
        return events;
    }

    SessionEvent entry() {
        return entry;
    }

    void add(SessionEvent event) {
        keep(event);
        last = event;
        if (!viewed && isPageView(event)) {
            viewed = true;
            // Which page of the site led to it tells less than an event that names a source.
            entry = isLanding(event) || !namesSource(first) ? event : first;
        }
    }

    private void keep(SessionEvent event) {
        events.add(event);
        if (isPageView(event) && event.pageViewId() != null) {
            views.add(event.pageViewId());
        }
    }

    boolean takes(SessionEvent event) {
        return withinGap(last, event)
                && isWithinCap(event)
                && !isOtherCampaign(event)
                && !isOtherReferrer(event)
                && !isAfterMidnight(event);
    }

    /** Whole milliseconds, as the gap is stated in milliseconds. */
    static boolean withinGap(SessionEvent earlier, SessionEvent later) {
        return millisBetween(earlier, later) <= earlier.rules().gapMillis();
    }

    private boolean isWithinCap(SessionEvent event) {
        return events.size() < rules.maxEvents()
                && millisBetween(first, event) <= rules.maxMillis();
    }

    private boolean isOtherCampaign(SessionEvent event) {
        return rules.campaignSplit()
                && isNewLanding(event)
                && event.campaign().isPresent()
                && (viewed || entry.campaign().isPresent())
                && !campaignKey(event).equals(campaignKey(entry));
    }

    private boolean isOtherReferrer(SessionEvent event) {
        String host = event.referrer().host();
        return rules.referrerSplit()
                && viewed
                && isNewLanding(event)
                && host != null
                && !host.equals(entry.referrer().host());
    }

    /** A page ping stays with the session that it extends, even across midnight. */
    private boolean isAfterMidnight(SessionEvent event) {
        if (rules.midnightZone() == null || event.type().equals(EventType.PAGE_PING)) {
            return false;
        }
        ZoneId zone = ZoneId.of(rules.midnightZone());
        return !day(first, zone).equals(day(event, zone));
    }

    private static LocalDate day(SessionEvent event, ZoneId zone) {
        return LocalDate.ofInstant(event.occurredAt(), zone);
    }

    /** A page view that a link within the site did not lead to. */
    private static boolean isLanding(SessionEvent event) {
        return isPageView(event) && !event.referrer().internal();
    }

    /**
     * A page view that is told again is the one that it was, wherever it says that it came from.
     */
    private boolean isNewLanding(SessionEvent event) {
        return isLanding(event) && !views.contains(event.pageViewId());
    }

    private static boolean namesSource(SessionEvent event) {
        Referrer referrer = event.referrer();
        return event.campaign().isPresent() || referrer.host() != null && !referrer.internal();
    }

    private static boolean isPageView(SessionEvent event) {
        return event.type().equals(EventType.PAGE_VIEW);
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

    private static long millisBetween(SessionEvent earlier, SessionEvent later) {
        return Duration.between(earlier.occurredAt(), later.occurredAt()).toMillis();
    }
}
