package io.onevault.tracking.job.session;

import io.onevault.tracking.job.step.Expiry;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.Settlement;
import io.onevault.tracking.session.TransactionCount;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.Transaction;
import java.io.IOException;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Lets a transaction of a tenant count once, in whichever sessions it is told of. */
final class CountTransactions extends KeyedProcessFunction<String, SessionEvent, SessionEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final Duration ttl;
    private final long latenessMillis;

    // -- runtime
    private transient ValueState<Transaction> transaction;

    /**
     * @param ttl how long the events that count for a transaction are remembered
     * @param lateness how late an event may be to still change its session
     */
    CountTransactions(Duration ttl, Duration lateness) {
        this.ttl = ttl;
        this.latenessMillis = lateness.toMillis();
    }

    static String key(SessionEvent event) {
        return SessionKeys.operatorKey(event, event.transactionId());
    }

    @Override
    public void open(OpenContext context) {
        var descriptor =
                new ValueStateDescriptor<>("transaction", TypeInformation.of(Transaction.class));
        descriptor.enableTimeToLive(Expiry.after(ttl));
        transaction = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(SessionEvent event, Context context, Collector<SessionEvent> out)
            throws Exception {
        if (event.isForgotten()) {
            forget(event);
            out.collect(event);
            return;
        }
        // What no session takes must not take the transaction from one that did.
        if (Settlement.isTooLate(
                event, context.timerService().currentWatermark(), latenessMillis)) {
            context.output(SideOutputs.LATE, event);
            return;
        }
        Transaction known = transaction.value();
        TransactionCount count = TransactionCount.of(event, known);
        // Written again it would last longer than in the archive, by which it is forgotten.
        if (!count.transaction().equals(known)) {
            transaction.update(count.transaction());
        }
        count.events().forEach(out::collect);
    }

    private void forget(SessionEvent event) throws IOException {
        Transaction known = transaction.value();
        if (known == null) {
            return;
        }
        SessionEvent paid = known.revenue();
        if (known.conversion().eventBk().equals(event.eventBk())) {
            transaction.clear();
        } else if (paid != null && paid.eventBk().equals(event.eventBk())) {
            transaction.update(new Transaction(known.conversion(), null));
        }
    }
}
