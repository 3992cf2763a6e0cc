package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.vault.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes micro-batches of events and lets pass what was written: nothing becomes part of a session
 * or a description that is not in the database. An event that the database refuses for its data is
 * rejected.
 */
final class LoadEvents extends AbstractStreamOperator<EnrichedEvent>
        implements OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(LoadEvents.class);

    // -- configuration
    private final LoadMaker<EnrichedEvent> maker;
    private final Loader loader;

    // -- runtime
    private transient VaultWriter<EnrichedEvent> writer;
    private transient Counter loaded;
    private transient Counter refused;
    private transient Counter rejected;

    LoadEvents(LoadMaker<EnrichedEvent> maker, Loader loader) {
        this.maker = maker;
        this.loader = loader;
    }

    @Override
    public void open() throws Exception {
        super.open();
        loaded = metrics.counter(Metrics.LOADED);
        refused = metrics.counter(Metrics.REFUSED);
        rejected =
                metrics.addGroup(Metrics.REASON, RejectReason.DATABASE_REFUSED.name())
                        .counter(Metrics.REJECTED);
        Counter retried = metrics.counter(Metrics.BATCH_RETRIES);
        writer = new VaultWriter<>(maker.make(), loader, retried);
    }

    @Override
    public void processElement(StreamRecord<List<EnrichedEvent>> record) throws Exception {
        List<EnrichedEvent> batch = record.getValue();
        List<Refusal<EnrichedEvent>> refusals = writer.write(batch);
        if (refusals.isEmpty()) {
            batch.forEach(this::accept);
            return;
        }
        log(refusals, batch.size());
        Set<AdmittedEvent> left = new HashSet<>();
        for (Refusal<EnrichedEvent> refusal : refusals) {
            left.add(refusal.element().admitted());
            reject(refusal.element().admitted(), refusal.sqlState());
        }
        for (EnrichedEvent event : batch) {
            if (!left.contains(event.admitted())) {
                accept(event);
            }
        }
    }

    private void accept(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        loaded.inc();
        record(admitted, Outcome.ACCEPTED, "");
        output.collect(new StreamRecord<>(event, admitted.occurredAt().toEpochMilli()));
    }

    /** One line, however many there are: each is in the rejected topic. */
    private static void log(List<Refusal<EnrichedEvent>> refusals, int batchSize) {
        AdmittedEvent first = refusals.get(0).element().admitted();
        LOG.error(
                "The database refuses {} of {} events, first tenant={} event={} SQLSTATE {}",
                refusals.size(),
                batchSize,
                first.tenantBk(),
                first.eventBk(),
                refusals.get(0).sqlState());
    }

    private void reject(AdmittedEvent event, String sqlState) {
        refused.inc();
        rejected.inc();
        record(event, Outcome.REJECTED, RejectReason.DATABASE_REFUSED.name());
        RejectedEvent refusal =
                new RejectedEvent(
                        RejectReason.DATABASE_REFUSED,
                        null,
                        "what the database takes, SQLSTATE " + sqlState,
                        event.tenantBk(),
                        event.tenantHk(),
                        event.occurredAt(),
                        event.payload(),
                        event.payload().getBytes(StandardCharsets.UTF_8),
                        event.position());
        output.collect(SideOutputs.REJECTED, new StreamRecord<>(refusal));
    }

    private void record(AdmittedEvent event, Outcome outcome, String code) {
        output.collect(
                SideOutputs.LEDGER,
                new StreamRecord<>(
                        LedgerEntry.of(event.position(), event.tenantHk(), outcome, code)));
    }

    @Override
    public void close() throws Exception {
        if (writer != null) {
            writer.close();
        }
        super.close();
    }
}
