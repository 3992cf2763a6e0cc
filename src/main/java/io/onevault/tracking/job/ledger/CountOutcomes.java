package io.onevault.tracking.job.ledger;

import io.onevault.tracking.event.LedgerEntry;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Adds up what became of events where it is known, so that few counts travel to the tally. What is
 * counted goes out after a while and always before a checkpoint barrier; so the operator needs no
 * state.
 *
 * <p>On the first outcome of a day since the job started it also counts none without tenant, so
 * that {@link Tally} tells these totals again although the tenants of all records may be known this
 * time.
 */
final class CountOutcomes extends AbstractStreamOperator<LedgerEntry>
        implements OneInputStreamOperator<LedgerEntry, LedgerEntry> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final long maxMillis;

    // -- runtime
    private transient Map<LedgerEntry, Long> counts;
    private transient Set<Long> days;
    private transient boolean timerPending;

    /**
     * @param maxAge longest time that a count waits
     */
    CountOutcomes(Duration maxAge) {
        this.maxMillis = maxAge.toMillis();
    }

    @Override
    public void open() throws Exception {
        super.open();
        counts = new LinkedHashMap<>();
        days = new HashSet<>();
    }

    @Override
    public void processElement(StreamRecord<LedgerEntry> element) {
        LedgerEntry outcome = element.getValue();
        if (days.add(outcome.day())) {
            counts.put(LedgerEntry.noneWithoutTenant(outcome.day()), 1L);
        }
        counts.merge(outcome, 1L, Long::sum);
        if (!timerPending) {
            long due = getProcessingTimeService().getCurrentProcessingTime() + maxMillis;
            getProcessingTimeService().registerTimer(due, time -> onTimer());
            timerPending = true;
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        flush();
    }

    @Override
    public void finish() throws Exception {
        flush();
        super.finish();
    }

    private void onTimer() {
        timerPending = false;
        flush();
    }

    private void flush() {
        counts.forEach(
                (outcome, times) ->
                        output.collect(
                                new StreamRecord<>(outcome.plus((times - 1) * outcome.count()))));
        counts.clear();
    }
}
