package io.onevault.tracking.job.ledger;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The steps that count what became of events and keep the totals. */
public record LedgerSteps(JobSettings settings) {

    /** Name of the state in which the id of the run is kept. */
    public static final String RUN = "run";

    public void ledger(
            SingleOutputStreamOperator<?> admitted,
            SingleOutputStreamOperator<?> archived,
            SingleOutputStreamOperator<?> loaded,
            SingleOutputStreamOperator<?> late,
            Sink<List<LedgerTotals>> loader) {
        var outcomes =
                count(admitted, Step.COUNT_ADMITTED)
                        .union(
                                count(archived, Step.COUNT_ARCHIVED),
                                count(loaded, Step.COUNT_LOADED),
                                count(late, Step.COUNT_LATE));
        var totals = Step.TALLY.of(outcomes.keyBy(LedgerEntry::key).process(new Tally()));
        new LoadSteps(settings).load(totals, LedgerTotals.class, Step.LOAD_LEDGER, loader);
    }

    private DataStream<LedgerEntry> count(SingleOutputStreamOperator<?> outcomesOf, Step step) {
        return step.transform(
                outcomesOf.getSideOutput(SideOutputs.LEDGER),
                TypeInformation.of(LedgerEntry.class),
                new CountOutcomes(settings.get(JobOptions.BATCH_AGE)));
    }
}
