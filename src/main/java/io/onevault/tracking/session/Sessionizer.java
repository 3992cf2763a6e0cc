package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SettledSession;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes sessions out of the set of events of one key (tenant and client session or visitor). A pure
 * function: neither the order of the events nor repetitions of the call change the outcome.
 */
public final class Sessionizer {

    private final @Nullable SettledSession settled;
    private final List<Session> sessions = new ArrayList<>();
    private final List<SessionEvent> unassigned = new ArrayList<>();

    private Sessionizer(@Nullable SettledSession settled) {
        this.settled = settled;
    }

    /** The sessions of the given events, which must all belong to one key. */
    public static Sessions sessionize(Iterable<SessionEvent> events) {
        return sessionize(events, null);
    }

    /**
     * @param settled the session before the given events, if there was one
     */
    public static Sessions sessionize(
            Iterable<SessionEvent> events, @Nullable SettledSession settled) {
        return new Sessionizer(settled).cut(SessionOrder.sorted(events));
    }

    private Sessions cut(List<SessionEvent> sorted) {
        OpenSession open = null;
        for (SessionEvent event : sorted) {
            if (open != null && open.takes(event)) {
                open.add(event);
            } else if (event.type().equals(EventType.PAGE_PING)) {
                unassigned.add(event);
            } else {
                close(open);
                open = new OpenSession(event);
            }
        }
        close(open);
        return new Sessions(sessions, unassigned);
    }

    private void close(@Nullable OpenSession open) {
        if (open != null) {
            SessionEvent first = open.events().get(0);
            sessions.add(
                    SessionSummary.of(bk(first), open.events(), open.entry(), predecessor(first)));
        }
    }

    /** A session that begins within the gap was split from the one before it. */
    private @Nullable String predecessor(SessionEvent first) {
        if (!sessions.isEmpty()) {
            Session previous = sessions.get(sessions.size() - 1);
            return OpenSession.withinGap(previous.last(), first) ? previous.bk() : null;
        }
        return settled != null && settled.isWithinGap(first.occurredAt()) ? settled.bk() : null;
    }

    /** Two sessions of a key that begin in the same millisecond are told apart by a counter. */
    private String bk(SessionEvent first) {
        String bk = SessionKeys.sessionBk(first);
        int sameStart = 0;
        for (int i = sessions.size() - 1; i >= 0 && sessions.get(i).bk().startsWith(bk); i--) {
            sameStart++;
        }
        return sameStart == 0 ? bk : bk + "." + (sameStart + 1);
    }
}
