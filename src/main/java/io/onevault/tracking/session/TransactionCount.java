package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the events that tell of one transaction counts: the earliest as the conversion, the
 * earliest that tells money as the revenue. When an earlier one arrives, the one that counted until
 * then is corrected, so the outcome does not depend on the order of arrival.
 *
 * @param transaction who counts now
 * @param events the event as it counts, and corrections of others
 */
public record TransactionCount(Transaction transaction, List<SessionEvent> events) {

    public static TransactionCount of(SessionEvent event, @Nullable Transaction before) {
        SessionEvent converted = before == null ? null : before.conversion();
        SessionEvent paid = before == null ? null : before.revenue();
        boolean converts = isFirst(event, converted);
        boolean pays = event.pays() && isFirst(event, paid);
        var after = new Transaction(converts ? event : converted, pays ? event : paid);
        List<SessionEvent> events = new ArrayList<>();
        events.add(event.counting(converts, pays, null));
        if (converts && converted != null) {
            events.add(correction(converted, after, event.loadDate()));
        }
        if (pays && paid != null && !(converts && paid.eventBk().equals(converted.eventBk()))) {
            events.add(correction(paid, after, event.loadDate()));
        }
        return new TransactionCount(after, events);
    }

    private static boolean isFirst(SessionEvent event, @Nullable SessionEvent known) {
        return known == null || SessionOrder.BY_TIME_AND_KEY.compare(event, known) < 0;
    }

    private static SessionEvent correction(SessionEvent event, Transaction now, Instant since) {
        return event.counting(is(event, now.conversion()), is(event, now.revenue()), since);
    }

    private static boolean is(SessionEvent event, @Nullable SessionEvent other) {
        return other != null && other.eventBk().equals(event.eventBk());
    }
}
