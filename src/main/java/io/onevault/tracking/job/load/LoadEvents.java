package io.onevault.tracking.job.load;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.state.RunMark;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.EventLoader.Loaded;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Refusal;
import io.onevault.tracking.vault.Repeated;
import io.onevault.tracking.vault.RunMarks;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes micro-batches of events and lets pass what was written: nothing becomes part of a session
 * or a description that is not in the database. An event that the database refuses for its data is
 * rejected. One micro-batch is being written by a thread of its own while the next one is made
 * ready; none is left when a checkpoint barrier passes. What the database had before is a duplicate
 * that the archive does not know any more. The operator's state tells it from what was written
 * after the last checkpoint and comes again after a failure.
 */
final class LoadEvents extends FlushedOperator<List<EnrichedEvent>, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    private static final String THREAD = "load-events-writer";

    // -- configuration
    private final String recordSource;
    private final Layers layers;
    private final Duration memory;
    private final boolean history;
    private final VaultAccess access;

    // -- runtime
    private transient ListState<RunMark> marks;
    private transient RunMarks run;
    private transient EventLoader loader;
    private transient VaultWriter<EnrichedEvent> writer;
    private transient ExecutorService writing;
    private transient MailboxExecutor mailbox;
    private transient @Nullable InFlight inFlight;
    private transient LoadCounters counters;

    /**
     * A micro-batch and what will become of it.
     *
     * @param forgotten events in it that go on as they came, behind the others
     */
    private record InFlight(
            List<EnrichedEvent> batch, List<EnrichedEvent> forgotten, Future<Written> written) {}

    /** What became of a micro-batch. */
    private record Written(Loaded loaded, List<Refusal<EnrichedEvent>> refusals) {}

    /**
     * @param memory how long the archive remembers an event
     * @param history whether each event comes once, so that the database tells none as repeated
     */
    LoadEvents(
            String recordSource,
            Layers layers,
            Duration memory,
            boolean history,
            VaultAccess access) {
        this.recordSource = recordSource;
        this.layers = layers;
        this.memory = memory;
        this.history = history;
        this.access = access;
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
        Clock clock = Clock.systemUTC();
        run =
                history
                        ? RunMarks.ofHistory(recordSource, clock)
                        : new RunMarks(runId, recordSource, memory, restored, clock);
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
        loader = new EventLoader(recordSource, run);
        loader.into(layers);
        writer = new VaultWriter<>(loader, access, metrics);
        writing = Executors.newSingleThreadExecutor(new ExecutorThreadFactory(THREAD));
        mailbox =
                getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(getOperatorConfig().getChainIndex());
    }

    @Override
    public void processElement(StreamRecord<List<EnrichedEvent>> record) throws Exception {
        flush();
        List<EnrichedEvent> batch = new ArrayList<>(record.getValue().size());
        List<EnrichedEvent> forgotten = new ArrayList<>();
        for (EnrichedEvent event : record.getValue()) {
            (event.admitted().isForgotten() ? forgotten : batch).add(event);
        }
        inFlight = new InFlight(batch, forgotten, writing.submit(() -> write(batch)));
    }

    /**
     * Runs in the writing thread; what was written goes on at once if the task has nothing else.
     */
    private Written write(List<EnrichedEvent> batch) throws IOException, InterruptedException {
        try {
            List<Refusal<EnrichedEvent>> refusals = writer.write(batch);
            return new Written(loader.takeLoaded(), refusals);
        } finally {
            mailbox.execute(() -> flush(batch), "let pass the events that were written");
        }
    }

    private void flush(List<EnrichedEvent> batch) throws Exception {
        if (inFlight != null && inFlight.batch() == batch) {
            flush();
        }
    }

    @Override
    boolean isEmpty() {
        return inFlight == null;
    }

    /** Waits until the micro-batch in flight is written, and lets it pass. */
    @Override
    void flush() throws Exception {
        if (inFlight == null) {
            return;
        }
        InFlight awaited = inFlight;
        inFlight = null;
        try {
            pass(awaited.written().get());
            awaited.forgotten().forEach(this::collect);
        } catch (ExecutionException e) {
            ExceptionUtils.rethrowException(e.getCause());
        }
        releaseWatermark();
    }

    private void pass(Written written) {
        Loaded loaded = written.loaded();
        counters.capped(loaded.replaced());
        Set<AdmittedEvent> refused = reject(written.refusals());
        for (EnrichedEvent event : loaded.events()) {
            boolean erased = loaded.erased().contains(event);
            Repeated repeated = loaded.repeated().get(event);
            if (repeated != null) {
                repeat(repeated, erased);
            } else if (refused.isEmpty() || !refused.contains(event.admitted())) {
                accept(event, erased);
            }
        }
    }

    private Set<AdmittedEvent> reject(List<Refusal<EnrichedEvent>> refusals) {
        Set<AdmittedEvent> refused = new HashSet<>();
        for (Refusal<EnrichedEvent> refusal : refusals) {
            refused.add(refusal.element().admitted());
            reject(refusal.element().admitted(), refusal.sqlState());
        }
        return refused;
    }

    /** The ledger's own count tells which of those accepted are erased. */
    private void accept(EnrichedEvent event, boolean erased) {
        AdmittedEvent admitted = event.admitted();
        record(admitted, Outcome.ACCEPTED, "");
        if (erased) {
            counters.erased();
            return;
        }
        counters.loaded();
        collect(event);
    }

    private void collect(EnrichedEvent event) {
        output.collect(new StreamRecord<>(event, event.admitted().occurredAt().toEpochMilli()));
    }

    /** A duplicate; what was lost with the state is made again of it. */
    private void repeat(Repeated repeated, boolean erased) {
        AdmittedEvent event = repeated.event().admitted();
        counters.duplicate();
        record(event, Outcome.DUPLICATE, "");
        if (repeated.forgotten() && !erased) {
            collect(repeated.event());
        }
    }

    private void reject(AdmittedEvent event, String sqlState) {
        counters.rejected();
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
