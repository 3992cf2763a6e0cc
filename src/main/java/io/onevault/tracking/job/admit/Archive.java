package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.job.step.Expiry;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.state.ArchivedEvent;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps each raw event in keyed state, lets it pass once and drops its repetitions. One that was
 * erased goes once more after itself, so that the steps behind forget it, too.
 */
final class Archive
        extends KeyedCoProcessFunction<String, AdmittedEvent, ErasedEvent, AdmittedEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final Duration ttl;

    // -- runtime
    private transient ValueState<ArchivedEvent> archived;
    private transient Readmission readmission;
    private transient Counter duplicates;

    /**
     * @param ttl how long an event is kept after it was admitted
     */
    Archive(Duration ttl) {
        this.ttl = ttl;
    }

    static String key(AdmittedEvent event) {
        return StoredEvent.key(event.tenantHk(), event.eventBk());
    }

    static String key(ErasedEvent event) {
        return StoredEvent.key(event.tenantHk(), event.eventBk());
    }

    /** Of the state, without its time to live. */
    static ValueStateDescriptor<ArchivedEvent> descriptor() {
        return new ValueStateDescriptor<>(
                "archived-event", TypeInformation.of(ArchivedEvent.class));
    }

    @Override
    public void open(OpenContext context) {
        var descriptor = descriptor();
        descriptor.enableTimeToLive(Expiry.after(ttl));
        archived = getRuntimeContext().getState(descriptor);
        readmission = new Readmission();
        duplicates = getRuntimeContext().getMetricGroup().counter(Metrics.DUPLICATES);
    }

    @Override
    public void processElement1(AdmittedEvent event, Context context, Collector<AdmittedEvent> out)
            throws Exception {
        if (archived.value() == null) {
            archived.update(archive(event));
            out.collect(event);
        } else {
            drop(event, context, out);
        }
    }

    @Override
    public void processElement2(ErasedEvent event, Context context, Collector<AdmittedEvent> out)
            throws Exception {
        ArchivedEvent kept = archived.value();
        if (kept == null) {
            return;
        }
        archived.clear();
        AdmittedEvent forgotten =
                readmission.forgotten(
                        new StoredEvent(event.tenantHk(), event.eventBk(), kept, false));
        if (forgotten != null) {
            out.collect(forgotten);
        }
    }

    /** Only what the database refused is known here and yet not loaded. */
    private void drop(AdmittedEvent event, Context context, Collector<AdmittedEvent> out) {
        Recovery recovered = event.position().recovered();
        if (recovered != null && recovered.reason() == RejectReason.DATABASE_REFUSED) {
            out.collect(event);
            return;
        }
        duplicates.inc();
        context.output(
                SideOutputs.LEDGER,
                LedgerEntry.of(event.position(), event.tenantHk(), Outcome.DUPLICATE, ""));
    }

    static ArchivedEvent archive(AdmittedEvent event) {
        ClientContext client = event.event().client();
        return new ArchivedEvent(
                event.tenantBk(),
                event.visitorBk(),
                event.occurredAt(),
                event.payload(),
                event.event().timing().receivedAt(),
                client.userAgent(),
                client.clientIp(),
                client.collector(),
                event.suspicions(),
                event.session().late(),
                event.position().topic(),
                event.position().partition(),
                event.position().offset(),
                event.position().appendedAt(),
                event.handling(),
                client.place(),
                event.position().appendedFirst());
    }
}
