package io.onevault.tracking.job.session;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.state.ItemMoney;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Takes from an event what sessions need; sets aside what was received too late for them, and those
 * that tell of a transaction.
 */
final class SelectSessionEvents extends ProcessFunction<EnrichedEvent, SessionEvent> {

    private static final long serialVersionUID = 1;

    @Override
    public void processElement(EnrichedEvent event, Context context, Collector<SessionEvent> out) {
        SessionEvent selected = select(event);
        if (selected.isForgotten()) {
            out.collect(selected);
            if (selected.transactionId() != null) {
                context.output(SideOutputs.TRANSACTIONS, selected);
            }
        } else if (event.admitted().session().late()) {
            context.output(SideOutputs.LATE, selected);
        } else if (selected.conversion() && selected.transactionId() != null) {
            context.output(SideOutputs.TRANSACTIONS, selected);
        } else {
            out.collect(selected);
        }
    }

    static SessionEvent select(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        var e = admitted.event();
        boolean conversion = admitted.session().conversion();
        boolean refund = e.isRefund();
        Purchase purchase =
                refund || conversion && tellsOfItsMoney(e) ? e.purchase() : Purchase.NONE;
        BigDecimal value = purchase.value();
        // Zero is no money: an event that tells more of its transaction counts.
        boolean told = value != null && value.signum() != 0;
        // Revenue is gross: what a goal takes off is no revenue either.
        boolean back = told && (refund || value.signum() < 0);
        return new SessionEvent(
                admitted.tenantHk(),
                admitted.sessionId(),
                e.identity().sessionId(),
                admitted.eventBk(),
                admitted.visitorBk(),
                admitted.occurredAt(),
                e.timing().sequence(),
                admitted.position().loadDate(),
                admitted.isForgotten() ? "" : e.type(),
                event.interactive(),
                e.page().pageViewId(),
                event.page() == null ? null : event.page().url(),
                conversion,
                // Each refund counts, whatever its transaction.
                refund ? null : purchase.transactionId(),
                told && !back ? value : null,
                back ? value.abs() : null,
                told ? e.valueCurrency() : null,
                event.referrer(),
                event.channel(),
                event.campaign(),
                event.device(),
                e.client().language(),
                admitted.session().ownRules(),
                null,
                admitted.session().ownLatenessMillis(),
                admitted.session().repeated(),
                ItemMoney.of(e),
                e.client().place(),
                itemIds(e),
                e.isLeave() ? e.interaction().timeOnPage() : null);
    }

    private static List<String> itemIds(TrackerEvent event) {
        if (event.items().isEmpty()) {
            return List.of();
        }
        List<String> ids = new ArrayList<>();
        for (Item item : event.items()) {
            ids.add(item.itemId());
        }
        return ids;
    }

    /**
     * A goal that names a transaction is none of those that tell of it, which are trades, and its
     * value is the transaction's.
     */
    private static boolean tellsOfItsMoney(TrackerEvent event) {
        return event.isTrade() || event.purchase().transactionId() == null;
    }
}
