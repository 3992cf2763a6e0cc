package io.onevault.tracking.job.session;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts late events and links them to the reserved session from which they are reprocessed. One
 * that was loaded before is in the ledger already, as late or not.
 */
final class RecordLateEvents extends ProcessFunction<SessionEvent, SessionUpdate> {

    private static final long serialVersionUID = 1;

    // -- runtime
    private transient Counter late;

    @Override
    public void open(OpenContext context) {
        late = getRuntimeContext().getMetricGroup().counter(Metrics.LATE);
    }

    @Override
    public void processElement(SessionEvent event, Context context, Collector<SessionUpdate> out) {
        if (!event.repeated()) {
            count(event, context);
        }
        out.collect(SessionUpdate.reserved(SessionKeys.LATE, event));
    }

    private void count(SessionEvent event, Context context) {
        late.inc();
        SourcePosition appended = new SourcePosition("", 0, 0, event.loadDate());
        context.output(
                SideOutputs.LEDGER, LedgerEntry.of(appended, event.tenantHk(), Outcome.LATE, ""));
    }
}
