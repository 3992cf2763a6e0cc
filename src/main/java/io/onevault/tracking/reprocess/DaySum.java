package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.admit.StoredEvent;

/**
 * What is stored of a tenant's day.
 *
 * @param lastAt when the last of the events occurred, epoch milliseconds; its UTC day is theirs
 * @param raw how many of the events the archive does not have
 * @param bytes of their payloads
 */
public record DaySum(String tenantHk, long lastAt, long events, long raw, long bytes) {

    private static final long DAY_MILLIS = 86_400_000;

    static DaySum of(StoredEvent stored) {
        return new DaySum(
                stored.tenantHk(),
                stored.event().occurredAt().toEpochMilli(),
                1,
                stored.raw() ? 1 : 0,
                stored.event().payload().length());
    }

    long epochDay() {
        return Math.floorDiv(lastAt, DAY_MILLIS);
    }

    String key() {
        return tenantHk + '|' + epochDay();
    }

    DaySum plus(DaySum other) {
        return new DaySum(
                tenantHk,
                Math.max(lastAt, other.lastAt),
                events + other.events,
                raw + other.raw,
                bytes + other.bytes);
    }
}
