package io.onevault.tracking.event;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Why an event that is kept is not trusted in full. Documented in docs/event-contract.md; constants
 * are stored by name and never removed.
 */
public enum Suspicion {
    /** A text was longer than its limit and was cut. */
    TEXT_TRUNCATED,
    /** The page URL or the referrer is no absolute or root-relative URL. */
    URL_MALFORMED,
    /** The event lay more than five minutes ahead of its reception; its time was set to that. */
    EVENT_TIME_IN_FUTURE,
    /** The event lies more than 30 days before its reception. */
    EVENT_TIME_TOO_OLD,
    /** The client's clock is more than 24 hours off the collector's. */
    CLOCK_SKEW,
    /** The user agent is a known robot, crawler or monitoring service. */
    BOT,
    /** An id was one that scripts write when they have none; the event counts as without it. */
    ID_IGNORED,
    /** The event came too late for its day's salt; its visitor cannot be recognised. */
    VISITOR_UNRECOGNISED;

    /** The given suspicions and one more, without repetition, in declared order. */
    public static List<Suspicion> with(List<Suspicion> suspicions, Suspicion added) {
        EnumSet<Suspicion> all = EnumSet.of(added);
        all.addAll(suspicions);
        return new ArrayList<>(all);
    }
}
