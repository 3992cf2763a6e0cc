package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Sends each record where it belongs, by its tenant and what that wants kept, and counts it. */
final class Judge {

    private final TenantDirectory tenants;
    private final Admission admission;
    private final Output<StreamRecord<AdmittedEvent>> output;
    private final Counter received;
    private final Map<RejectReason, Counter> rejected = new EnumMap<>(RejectReason.class);

    Judge(
            TenantDirectory tenants,
            Admission admission,
            Output<StreamRecord<AdmittedEvent>> output,
            MetricGroup metrics) {
        this.tenants = tenants;
        this.admission = admission;
        this.output = output;
        this.received = metrics.counter(Metrics.RECEIVED);
        for (RejectReason reason : RejectReason.values()) {
            rejected.put(
                    reason,
                    metrics.addGroup(Metrics.REASON, reason.name()).counter(Metrics.REJECTED));
        }
    }

    /**
     * @param answered whether what is known of the tenants is newer than the record
     */
    void decide(StreamRecord<DecodedRecord> element, boolean answered) {
        DecodedRecord record = element.getValue();
        String tenantBk = record.tenantBk();
        Tenant tenant = tenant(tenantBk, record);
        String tenantHk = tenant == null ? null : tenant.hk();
        received.inc();
        put(SideOutputs.LEDGER, LedgerEntry.received(record.position(), tenantHk), element);

        RejectedEvent refused = record.rejected();
        TrackerEvent event = record.event();
        Keeping keeping = tenant == null ? Keeping.FULL : keeping(record, tenant);
        if (refused != null && (tenant == null || tenant.privacy().keepsRefused(keeping))) {
            Identity named =
                    tenant == null ? Identity.NONE : Pseudonyms.of(tenant, refused.named(), false);
            reject(refused.of(tenantHk, named), element);
        } else if (refused != null) {
            count(refused.reason(), tenantHk, element);
        } else if (tenant == null) {
            RejectReason reason = reason(tenantBk, answered);
            reject(
                    RejectedEvent.ofNoTenant(
                            reason,
                            tenantBk,
                            record.occurredAt(),
                            record.value(),
                            record.position()),
                    element);
        } else if (keeping == Keeping.NOTHING) {
            count(RejectReason.NO_CONSENT, tenantHk, element);
        } else if (event != null) {
            output.collect(element.replace(admission.admit(record, event, tenant, keeping)));
        }
    }

    private @Nullable Tenant tenant(@Nullable String tenantBk, DecodedRecord record) {
        Tenant tenant = tenantBk == null ? null : tenants.find(tenantBk);
        return tenant == null ? null : tenant.asOf(record.position().firstAppendedAt());
    }

    private static Keeping keeping(DecodedRecord record, Tenant tenant) {
        TrackerEvent event = record.event();
        if (event != null && event.type().equals(EventType.NOT_KEPT)) {
            return Keeping.NOTHING;
        }
        return tenant.privacy().consent().keeping(record.signals());
    }

    private RejectReason reason(@Nullable String tenantBk, boolean answered) {
        if (tenantBk != null && tenants.isAmbiguous(tenantBk)) {
            return RejectReason.AMBIGUOUS_TENANT;
        }
        return answered ? RejectReason.UNKNOWN_TENANT : RejectReason.TENANTS_UNREADABLE;
    }

    private void reject(RejectedEvent event, StreamRecord<DecodedRecord> element) {
        put(SideOutputs.REJECTED, event, element);
        count(event.reason(), event.tenantHk(), element);
    }

    private void count(
            RejectReason reason, @Nullable String tenantHk, StreamRecord<DecodedRecord> element) {
        rejected.get(reason).inc();
        LedgerEntry entry =
                LedgerEntry.of(
                        element.getValue().position(), tenantHk, Outcome.REJECTED, reason.name());
        put(SideOutputs.LEDGER, entry, element);
    }

    private <T> void put(OutputTag<T> tag, T value, StreamRecord<DecodedRecord> element) {
        StreamRecord<T> record = new StreamRecord<>(value);
        if (element.hasTimestamp()) {
            record.setTimestamp(element.getTimestamp());
        }
        output.collect(tag, record);
    }
}
