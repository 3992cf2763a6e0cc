package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.vault.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes micro-batches of events and lets pass what was written: nothing becomes part of a session
 * or a description that is not in the database. An event that the database refuses for its data is
 * rejected. One micro-batch is being written by a thread of its own while the next one is made
 * ready; none is left when a checkpoint barrier passes, so the operator needs no state.
 */
final class LoadEvents extends AbstractStreamOperator<EnrichedEvent>
        implements OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(LoadEvents.class);

    private static final String THREAD = "load-events-writer";

    // -- configuration
    private final LoadMaker<EnrichedEvent> maker;
    private final Loader loader;

    // -- runtime
    private transient VaultWriter<EnrichedEvent> writer;
    private transient ExecutorService writing;
    private transient MailboxExecutor mailbox;
    private transient @Nullable InFlight inFlight;
    private transient @Nullable Watermark held;
    private transient Counter loaded;
    private transient Counter refused;
    private transient Counter rejected;

    /** A micro-batch and what the database will refuse of it. */
    private record InFlight(
            List<EnrichedEvent> batch, Future<List<Refusal<EnrichedEvent>>> refusals) {}

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
        writing = Executors.newSingleThreadExecutor(new ExecutorThreadFactory(THREAD));
        mailbox =
                getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(getOperatorConfig().getChainIndex());
    }

    @Override
    public void processElement(StreamRecord<List<EnrichedEvent>> record) throws Exception {
        settle();
        List<EnrichedEvent> batch = record.getValue();
        inFlight = new InFlight(batch, writing.submit(() -> write(batch)));
    }

    /** Waits for the events before it. */
    @Override
    public void processWatermark(Watermark watermark) throws Exception {
        if (inFlight == null) {
            super.processWatermark(watermark);
        } else {
            held = watermark;
        }
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        settle();
        super.processWatermarkStatus(status);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        settle();
    }

    @Override
    public void finish() throws Exception {
        settle();
        super.finish();
    }

    /**
     * Runs in the writing thread; what was written goes on at once if the task has nothing else.
     */
    private List<Refusal<EnrichedEvent>> write(List<EnrichedEvent> batch)
            throws IOException, InterruptedException {
        try {
            return writer.write(batch);
        } finally {
            mailbox.execute(() -> settle(batch), "let pass the events that were written");
        }
    }

    private void settle(List<EnrichedEvent> batch) throws Exception {
        if (inFlight != null && inFlight.batch() == batch) {
            settle();
        }
    }

    /** Waits until the micro-batch in flight is written, and lets it pass. */
    private void settle() throws Exception {
        if (inFlight == null) {
            return;
        }
        InFlight settled = inFlight;
        inFlight = null;
        try {
            pass(settled.batch(), settled.refusals().get());
        } catch (ExecutionException e) {
            ExceptionUtils.rethrowException(e.getCause());
        }
        if (held != null) {
            Watermark watermark = held;
            held = null;
            super.processWatermark(watermark);
        }
    }

    private void pass(List<EnrichedEvent> batch, List<Refusal<EnrichedEvent>> refusals) {
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
        if (writing != null) {
            // What is in flight belongs to no completed checkpoint; closing its connection ends it.
            inFlight = null;
            writing.shutdownNow();
            writer.close();
        }
        super.close();
    }
}
