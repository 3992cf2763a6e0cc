package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.job.step.SideOutputs;
import java.util.List;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Stands where {@link LoadEvents} does in jobs of the benchmark that load elsewhere or not at all:
 * accepts every event.
 */
final class AcceptEvents extends AbstractStreamOperator<EnrichedEvent>
        implements OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    @Override
    public void processElement(StreamRecord<List<EnrichedEvent>> batch) {
        for (EnrichedEvent event : batch.getValue()) {
            AdmittedEvent admitted = event.admitted();
            LedgerEntry entry =
                    LedgerEntry.of(admitted.position(), admitted.tenantHk(), Outcome.ACCEPTED, "");
            output.collect(SideOutputs.LEDGER, new StreamRecord<>(entry));
            output.collect(new StreamRecord<>(event, admitted.occurredAt().toEpochMilli()));
        }
    }
}
