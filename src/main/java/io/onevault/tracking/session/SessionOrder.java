package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The order of events, see {@link SessionEvent#comparePlace}: never that of their arrival. */
final class SessionOrder {

    static final Comparator<SessionEvent> BY_TIME_AND_KEY =
            (a, b) -> a.comparePlace(b.occurredAt(), b.sequence(), b.eventBk());

    private SessionOrder() {}

    /** The events in order, each with its corrections applied. */
    static List<SessionEvent> sorted(Iterable<SessionEvent> events) {
        List<SessionEvent> all = new ArrayList<>();
        events.forEach(all::add);
        all.sort(BY_TIME_AND_KEY);
        List<SessionEvent> sorted = new ArrayList<>(all.size());
        for (SessionEvent event : all) {
            int last = sorted.size() - 1;
            if (last >= 0 && sorted.get(last).eventBk().equals(event.eventBk())) {
                sorted.set(last, merge(sorted.get(last), event));
            } else {
                sorted.add(event);
            }
        }
        return sorted;
    }

    /**
     * An event only ever loses its transaction to another, so what one of the two lacks is gone.
     */
    private static SessionEvent merge(SessionEvent a, SessionEvent b) {
        return a.counting(
                a.conversion() && b.conversion(),
                a.pays() && b.pays(),
                latest(a.correctedAt(), b.correctedAt()));
    }

    private static @Nullable Instant latest(@Nullable Instant a, @Nullable Instant b) {
        return a == null ? b : b == null ? a : later(a, b);
    }

    static Instant later(Instant a, Instant b) {
        return b.isAfter(a) ? b : a;
    }
}
