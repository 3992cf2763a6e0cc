package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.admit.StoredEvent;

/**
 * What is stored of a tenant's day.
 *
 * @param epochDay of event time, UTC
 * @param raw how many of the events the archive does not have
 * @param bytes of their payloads
 */
public record DaySum(String tenantHk, long epochDay, long events, long raw, long bytes) {

    private static final long DAY_SECONDS = 86_400;

    static DaySum of(StoredEvent stored) {
        return new DaySum(
                stored.tenantHk(),
                Math.floorDiv(stored.event().occurredAt().getEpochSecond(), DAY_SECONDS),
                1,
                stored.raw() ? 1 : 0,
                stored.event().payload().length());
    }

    String key() {
        return tenantHk + '|' + epochDay;
    }

    DaySum plus(DaySum other) {
        return new DaySum(
                tenantHk, epochDay, events + other.events, raw + other.raw, bytes + other.bytes);
    }
}
