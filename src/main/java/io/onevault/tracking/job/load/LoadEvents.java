package io.onevault.tracking.job.load;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.state.RunMark;
import io.onevault.tracking.vault.EventLoad;
import io.onevault.tracking.vault.Refusal;
import io.onevault.tracking.vault.Repeated;
import io.onevault.tracking.vault.RunMarks;
import io.onevault.tracking.vault.ValueCaps;
import io.onevault.tracking.vault.ValueCaps.Capped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
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
 * ready; none is left when a checkpoint barrier passes. What the database had before is a duplicate
 * that the archive does not know any more. The operator's state tells it from what was written
 * after the last checkpoint and comes again after a failure.
 */
final class LoadEvents extends AbstractStreamOperator<EnrichedEvent>
        implements OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(LoadEvents.class);

    private static final String THREAD = "load-events-writer";

    // -- configuration
    private final String recordSource;
    private final Duration memory;
    private final Loader loader;

    // -- runtime
    private transient ListState<RunMark> marks;
    private transient RunMarks run;
    private transient EventLoad load;
    private transient ValueCaps caps;
    private transient VaultWriter<Written> writer;
    private transient ExecutorService writing;
    private transient MailboxExecutor mailbox;
    private transient @Nullable InFlight inFlight;
    private transient @Nullable Watermark held;
    private transient LoadCounters counters;

    /** A micro-batch and what will become of it. */
    private record InFlight(List<EnrichedEvent> batch, Future<Written> written) {}

    /**
     * A micro-batch as it was written, and what of it is no news: what the database refuses, and
     * what it had before.
     */
    private record Written(
            Capped capped,
            List<Refusal<EnrichedEvent>> refusals,
            Map<EnrichedEvent, Repeated> repeated) {}

    /**
     * @param memory how long the archive remembers an event
     */
    LoadEvents(String recordSource, Duration memory, Loader loader) {
        this.recordSource = recordSource;
        this.memory = memory;
        this.loader = loader;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        marks =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>(
                                        "run-marks", TypeInformation.of(RunMark.class)));
        List<RunMark> restored = new ArrayList<>();
        marks.get().forEach(restored::add);
        String runId = getRuntimeContext().getJobInfo().getJobId().toHexString();
        run = new RunMarks(runId, recordSource, memory, restored, Clock.systemUTC());
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        marks.update(run.marks());
    }

    @Override
    public void open() throws Exception {
        super.open();
        counters = new LoadCounters(metrics);
        load = new EventLoad(recordSource, run);
        caps = new ValueCaps();
        writer = new VaultWriter<>(loader, metrics.counter(Metrics.BATCH_RETRIES));
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
    private Written write(List<EnrichedEvent> batch) throws IOException, InterruptedException {
        try {
            return writer.write(connection -> write(connection, batch));
        } finally {
            mailbox.execute(() -> settle(batch), "let pass the events that were written");
        }
    }

    /**
     * @param batch an empty one asks for a sign of life
     */
    private Written write(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        if (batch.isEmpty()) {
            loader.heartbeat().commit(connection);
            return new Written(new Capped(batch, Map.of()), List.of(), Map.of());
        }
        Capped capped = caps.cap(connection, batch);
        return new Written(capped, load.commit(connection, capped.events()), load.takeRepeated());
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
            pass(settled.written().get());
        } catch (ExecutionException e) {
            ExceptionUtils.rethrowException(e.getCause());
        }
        if (held != null) {
            Watermark watermark = held;
            held = null;
            super.processWatermark(watermark);
        }
    }

    private void pass(Written written) {
        List<EnrichedEvent> batch = written.capped().events();
        counters.capped(written.capped().replaced());
        Set<AdmittedEvent> refusedOnes = reject(written.refusals(), batch.size());
        for (EnrichedEvent event : batch) {
            Repeated repeated = written.repeated().get(event);
            if (repeated != null) {
                repeat(repeated);
            } else if (refusedOnes.isEmpty() || !refusedOnes.contains(event.admitted())) {
                accept(event);
            }
        }
    }

    private Set<AdmittedEvent> reject(List<Refusal<EnrichedEvent>> refusals, int batchSize) {
        if (refusals.isEmpty()) {
            return Set.of();
        }
        log(refusals, batchSize);
        Set<AdmittedEvent> refusedOnes = new HashSet<>();
        for (Refusal<EnrichedEvent> refusal : refusals) {
            refusedOnes.add(refusal.element().admitted());
            reject(refusal.element().admitted(), refusal.sqlState());
        }
        return refusedOnes;
    }

    private void accept(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        counters.loaded();
        record(admitted, Outcome.ACCEPTED, "");
        output.collect(new StreamRecord<>(event, admitted.occurredAt().toEpochMilli()));
    }

    /** A duplicate; what was lost with the state is made again of it. */
    private void repeat(Repeated repeated) {
        AdmittedEvent event = repeated.event().admitted();
        counters.duplicate();
        record(event, Outcome.DUPLICATE, "");
        if (repeated.forgotten()) {
            long millis = event.occurredAt().toEpochMilli();
            output.collect(new StreamRecord<>(repeated.event(), millis));
        }
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
        counters.refused();
        record(event, Outcome.REJECTED, RejectReason.DATABASE_REFUSED.name());
        output.collect(
                SideOutputs.REJECTED,
                new StreamRecord<>(RejectedEvent.ofDatabase(event, sqlState)));
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
