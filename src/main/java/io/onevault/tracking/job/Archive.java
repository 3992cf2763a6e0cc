package io.onevault.tracking.job;

import io.onevault.tracking.contract.EventKeys;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.state.ArchivedEvent;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps each raw event in keyed state, lets it pass once and drops its repetitions. A second event
 * under an id that was used for other content gets a key of its own.
 */
final class Archive extends KeyedProcessFunction<String, AdmittedEvent, AdmittedEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final Duration ttl;

    // -- runtime
    private transient ValueState<ArchivedEvent> archived;
    private transient MapState<String, ArchivedEvent> reusedIds;
    private transient Counter duplicates;

    /**
     * @param ttl how long an event is kept after it was admitted
     */
    Archive(Duration ttl) {
        this.ttl = ttl;
    }

    /** The key of the archive: tenants may use the same event ids. */
    static String key(AdmittedEvent event) {
        return event.tenantBk() + '|' + event.eventBk();
    }

    @Override
    public void open(OpenContext context) {
        StateTtlConfig expiry =
                StateTtlConfig.newBuilder(ttl)
                        .cleanupInRocksdbCompactFilter(1_000)
                        .cleanupIncrementally(5, false)
                        .build();
        var type = TypeInformation.of(ArchivedEvent.class);
        var one = new ValueStateDescriptor<>("archived-event", type);
        one.enableTimeToLive(expiry);
        archived = getRuntimeContext().getState(one);
        var more = new MapStateDescriptor<>("archived-events-of-reused-id", Types.STRING, type);
        more.enableTimeToLive(expiry);
        reusedIds = getRuntimeContext().getMapState(more);
        duplicates = getRuntimeContext().getMetricGroup().counter(Metrics.DUPLICATES);
    }

    @Override
    public void processElement(AdmittedEvent event, Context context, Collector<AdmittedEvent> out)
            throws Exception {
        ArchivedEvent known = archived.value();
        if (known == null) {
            archived.update(archive(event));
            out.collect(event);
        } else if (known.payload().equals(event.payload())) {
            drop(event, context, out);
        } else {
            acceptUnderOwnKey(event, context, out);
        }
    }

    private void acceptUnderOwnKey(
            AdmittedEvent event, Context context, Collector<AdmittedEvent> out) throws Exception {
        String ownBk = EventKeys.reusedEventBk(event.eventBk(), event.payload());
        if (reusedIds.contains(ownBk)) {
            drop(event.withReusedId(ownBk), context, out);
            return;
        }
        AdmittedEvent own = event.withReusedId(ownBk);
        reusedIds.put(ownBk, archive(own));
        out.collect(own);
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

    private static ArchivedEvent archive(AdmittedEvent event) {
        ClientContext client = event.event().client();
        return new ArchivedEvent(
                event.tenantBk(),
                event.tenantHk(),
                event.eventBk(),
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
                event.position().appendedAt());
    }
}
