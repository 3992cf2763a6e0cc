package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.clock.SystemClock;
import org.jspecify.annotations.Nullable;

/**
 * Lets events of registered tenants in, free of personal data and with their keys; rejects the
 * rest. Nothing that a client sent is stored before this step.
 */
final class Admit extends ProcessFunction<DecodedRecord, AdmittedEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final TenantReader tenantReader;
    private final Duration refresh;
    private final Duration lateness;

    // -- runtime
    private transient TenantDirectory tenants;
    private transient Admission admission;
    private transient Counter received;
    private transient Map<RejectReason, Counter> rejected;

    /**
     * @param refresh how often tenants are read again
     * @param lateness how late an event may be to still change its session
     */
    Admit(TenantReader tenantReader, Duration refresh, Duration lateness) {
        this.tenantReader = tenantReader;
        this.refresh = refresh;
        this.lateness = lateness;
    }

    @Override
    public void open(OpenContext context) {
        tenants = new TenantDirectory(tenantReader, refresh, SystemClock.getInstance());
        admission = new Admission(lateness, tenants::salt);
        var metrics = getRuntimeContext().getMetricGroup();
        received = metrics.counter(Metrics.RECEIVED);
        rejected = new EnumMap<>(RejectReason.class);
        for (RejectReason reason : RejectReason.values()) {
            rejected.put(
                    reason,
                    metrics.addGroup(Metrics.REASON, reason.name()).counter(Metrics.REJECTED));
        }
    }

    @Override
    public void processElement(DecodedRecord record, Context context, Collector<AdmittedEvent> out)
            throws Exception {
        if (record.isTick()) {
            return;
        }
        String tenantBk = tenantBk(record);
        Tenant tenant = tenantBk == null ? null : tenants.find(tenantBk);
        String tenantHk = tenant == null ? null : tenant.hk();
        received.inc();
        context.output(SideOutputs.LEDGER, LedgerEntry.received(record.position(), tenantHk));

        RejectedEvent refused = record.rejected();
        TrackerEvent event = record.event();
        if (refused != null) {
            reject(withTenant(refused, tenantHk), context);
        } else if (tenant == null) {
            reject(unknownTenant(record, tenantBk), context);
        } else if (event != null) {
            out.collect(admission.admit(record, event, tenant));
        }
    }

    private void reject(RejectedEvent event, Context context) {
        rejected.get(event.reason()).inc();
        context.output(SideOutputs.REJECTED, event);
        context.output(
                SideOutputs.LEDGER,
                LedgerEntry.of(
                        event.position(),
                        event.tenantHk(),
                        Outcome.REJECTED,
                        event.reason().name()));
    }

    private static @Nullable String tenantBk(DecodedRecord record) {
        TrackerEvent event = record.event();
        RejectedEvent refused = record.rejected();
        if (event != null) {
            return event.tenantBk();
        }
        return refused == null ? null : refused.tenantBk();
    }

    private static RejectedEvent withTenant(RejectedEvent event, @Nullable String tenantHk) {
        return new RejectedEvent(
                event.reason(),
                event.field(),
                event.expected(),
                event.tenantBk(),
                tenantHk,
                event.occurredAt(),
                event.payload(),
                event.original(),
                event.position());
    }

    private static RejectedEvent unknownTenant(DecodedRecord record, @Nullable String tenantBk) {
        return new RejectedEvent(
                RejectReason.UNKNOWN_TENANT,
                "tenantId",
                "the business key of a registered tenant",
                tenantBk,
                null,
                record.occurredAt(),
                null,
                record.value(),
                record.position());
    }
}
