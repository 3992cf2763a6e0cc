package io.onevault.tracking.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Where a record lies in Kafka and when the broker appended it.
 *
 * @param appendedAt the record's append time, millisecond resolution
 */
public record SourcePosition(String topic, int partition, long offset, Instant appendedAt) {

    private static final long MICROS_PER_MILLI = 1_000;

    /**
     * The vault's {@code load_date}: the append time, with the offset modulo 1000 as microseconds,
     * so that records appended in the same millisecond keep their order. The same in a replay.
     */
    public Instant loadDate() {
        return appendedAt
                .truncatedTo(ChronoUnit.MILLIS)
                .plus(offset % MICROS_PER_MILLI, ChronoUnit.MICROS);
    }
}
