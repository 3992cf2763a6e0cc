package io.onevault.tracking.job;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotal;
import io.onevault.tracking.state.TallyState;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keeps the ledger's running totals in checkpointed state, so that they are exact. */
final class Tally extends KeyedProcessFunction<String, LedgerEntry, LedgerTotal> {

    private static final long serialVersionUID = 1;

    // -- runtime
    private transient ValueState<TallyState> total;

    @Override
    public void open(OpenContext context) {
        total =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "total", TypeInformation.of(TallyState.class)));
    }

    @Override
    public void processElement(LedgerEntry entry, Context context, Collector<LedgerTotal> out)
            throws Exception {
        TallyState before = total.value();
        TallyState after =
                before == null
                        ? new TallyState(runId(), entry.count())
                        : new TallyState(before.runId(), before.count() + entry.count());
        total.update(after);
        long now = context.timerService().currentProcessingTime();
        out.collect(
                new LedgerTotal(
                        entry.plus(after.count() - entry.count()),
                        after.runId(),
                        Instant.ofEpochMilli(now)));
    }

    private String runId() {
        return getRuntimeContext().getJobInfo().getJobId().toHexString();
    }
}
