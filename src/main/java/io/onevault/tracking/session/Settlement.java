package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SettledSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parts the sessions of a key into those that nothing may change any more, whose events are
 * dropped, and the rest. It bounds what is kept of a key: by time, because an event that is later
 * than the lateness joins no session, and by number, because a robot may send anything.
 *
 * @param sessions how many sessions, from the first, are settled
 * @param kept the events that are still needed
 * @param settled what later events need to know of those dropped; null: nothing
 */
public record Settlement(int sessions, List<SessionEvent> kept, @Nullable SettledSession settled) {

    /** More events of a key than this are not kept: the full sessions among them are settled. */
    public static final int MOST_KEPT = 20_000;

    /**
     * @param before what was settled earlier
     * @param watermark epoch milliseconds
     * @param latenessMillis how late an event may be to still change its session
     */
    public static Settlement of(
            Sessions outcome,
            @Nullable SettledSession before,
            long watermark,
            long latenessMillis) {
        List<Session> sessions = outcome.sessions();
        List<SessionEvent> all = new ArrayList<>(outcome.unassigned());
        sessions.forEach(session -> all.addAll(session.events()));
        if (isOver(all, before, watermark, latenessMillis)) {
            return new Settlement(sessions.size(), List.of(), null);
        }
        int settled = sessions.size() - 1;
        while (settled > 0
                && all.size() <= MOST_KEPT
                && !isPast(sessions.get(settled).first(), watermark, latenessMillis)) {
            settled--;
        }
        if (settled > 0) {
            Settlement settlement = at(settled, all, sessions, before);
            if (settlement.kept().size() <= MOST_KEPT) {
                return settlement;
            }
        }
        boolean tooMany = all.size() > MOST_KEPT;
        return tooMany
                ? at(sessions.size(), all, sessions, before)
                : new Settlement(0, all, before);
    }

    /**
     * Of all events of a key those that a job could still need at a watermark, were it asked anew:
     * without sessions that no further event can join, but for those right before others that one
     * can.
     *
     * @param outcome the sessions that all of them make
     * @param watermark epoch milliseconds
     * @param latenessMillis how late an event may be to still change its session
     */
    public static List<SessionEvent> unfinished(
            Sessions outcome, long watermark, long latenessMillis) {
        List<Session> sessions = outcome.sessions();
        int first = 0;
        int over = 0;
        while (over < sessions.size()
                && isOver(sessions.get(over).events(), null, watermark, latenessMillis)) {
            over++;
            // One that begins within the gap of another names it.
            boolean apart = over == sessions.size() || sessions.get(over).predecessorBk() == null;
            first = apart ? over : first;
        }
        List<SessionEvent> unfinished = new ArrayList<>();
        for (SessionEvent event : outcome.unassigned()) {
            if (!isOver(List.of(event), null, watermark, latenessMillis)) {
                unfinished.add(event);
            }
        }
        sessions.subList(first, sessions.size()).forEach(one -> unfinished.addAll(one.events()));
        return unfinished;
    }

    private static boolean isOver(
            List<SessionEvent> all,
            @Nullable SettledSession before,
            long watermark,
            long latenessMillis) {
        return watermark >= overMillis(all, before, latenessMillis);
    }

    /** When nothing kept can be joined by a further event any more: epoch milliseconds. */
    public long overMillis(long latenessMillis) {
        return overMillis(kept, settled, latenessMillis);
    }

    private static long overMillis(
            List<SessionEvent> events, @Nullable SettledSession settled, long latenessMillis) {
        long over =
                settled == null
                        ? Long.MIN_VALUE
                        : over(settled.until(), settled.gapMillis(), latenessMillis);
        for (SessionEvent event : events) {
            long gap = event.rules().gapMillis();
            over = Math.max(over, over(event.occurredAt(), gap, latenessMillis));
        }
        return over;
    }

    private static long over(Instant last, long gapMillis, long latenessMillis) {
        return last.toEpochMilli() + 2 * gapMillis + latenessMillis;
    }

    /**
     * Whether an event comes too late for its session.
     *
     * @param watermark epoch milliseconds
     * @param latenessMillis how late an event may be at most; its tenant may allow less
     */
    public static boolean isTooLate(SessionEvent event, long watermark, long latenessMillis) {
        Long own = event.ownLatenessMillis();
        return isPast(event, watermark, own == null ? latenessMillis : own);
    }

    private static boolean isPast(SessionEvent event, long watermark, long latenessMillis) {
        return closingMillis(event) + latenessMillis <= watermark;
    }

    /**
     * When a session with this event as its last closes, as a window of Flink: epoch milliseconds.
     */
    public static long closingMillis(SessionEvent last) {
        return last.occurredAt().toEpochMilli() + last.rules().gapMillis() - 1;
    }

    private static Settlement at(
            int sessions,
            List<SessionEvent> all,
            List<Session> outcome,
            @Nullable SettledSession before) {
        SessionEvent from = sessions < outcome.size() ? outcome.get(sessions).first() : null;
        List<SessionEvent> kept = new ArrayList<>();
        SessionEvent until = null;
        for (SessionEvent event : all) {
            if (from != null && SessionOrder.BY_TIME_AND_KEY.compare(event, from) >= 0) {
                kept.add(event);
            } else if (until == null || SessionOrder.BY_TIME_AND_KEY.compare(event, until) > 0) {
                until = event;
            }
        }
        return new Settlement(sessions, kept, settled(sessions, outcome, until, before));
    }

    private static SettledSession settled(
            int sessions,
            List<Session> outcome,
            SessionEvent until,
            @Nullable SettledSession before) {
        if (sessions == 0) {
            return before == null
                    ? new SettledSession(
                            null,
                            until.occurredAt(),
                            0,
                            until.occurredAt(),
                            until.eventBk(),
                            until.sequence())
                    : new SettledSession(
                            before.bk(),
                            before.end(),
                            before.gapMillis(),
                            until.occurredAt(),
                            until.eventBk(),
                            until.sequence());
        }
        Session last = outcome.get(sessions - 1);
        return new SettledSession(
                last.bk(),
                last.end(),
                last.last().rules().gapMillis(),
                until.occurredAt(),
                until.eventBk(),
                until.sequence());
    }
}
