package io.onevault.tracking.job.ledger;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.state.TallyState;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the ledger's running totals in checkpointed state, so that they are exact. Each count has
 * all totals of its day and tenant written anew, those that are no more left out: after a failure
 * what becomes of a record may be something else, as a database is back or a tenant is known, and
 * the count that was rolled back must not stay beside the new one.
 *
 * <p>No key is missed by that. What was written and rolled back was counted of records behind the
 * checkpoint's offsets, as counts go out before a barrier. These records are read again, and each
 * is counted as received: on the same day, which is that of its append time, so its key is told
 * again. Under the same tenant, too, unless the tenant was not known then; therefore the totals
 * without a tenant are told again for every day that is read, see {@link CountOutcomes}.
 */
final class Tally extends KeyedProcessFunction<String, LedgerEntry, LedgerTotals>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1;

    // -- runtime
    private transient ValueState<TallyState> totals;
    private transient ListState<String> runs;

    /** The run that began without state. Whoever goes on from it writes over its totals. */
    private transient String runId;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        runs =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>(LedgerSteps.RUN, Types.STRING));
        Iterator<String> restored = runs.get().iterator();
        runId =
                restored.hasNext()
                        ? restored.next()
                        : getRuntimeContext().getJobInfo().getJobId().toHexString();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        runs.update(List.of(runId));
    }

    @Override
    public void open(OpenContext context) {
        totals =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "totals", TypeInformation.of(TallyState.class)));
    }

    @Override
    public void processElement(LedgerEntry entry, Context context, Collector<LedgerTotals> out)
            throws Exception {
        TallyState before = totals.value();
        TallyState after = (before == null ? TallyState.EMPTY : before).plus(entry);
        if (entry.count() > 0) {
            totals.update(after);
        }
        long now = context.timerService().currentProcessingTime();
        out.collect(new LedgerTotals(after.totals(), runId, Instant.ofEpochMilli(now)));
    }
}
