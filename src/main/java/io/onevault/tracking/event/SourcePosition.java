package io.onevault.tracking.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a record lies in Kafka and when the broker appended it.
 *
 * @param appendedAt the record's append time, millisecond resolution; where the broker did not
 *     stamp it, when it was received, by the rule of docs/event-contract.md
 * @param recovered of a record that was submitted again, where it comes from
 */
public record SourcePosition(
        String topic,
        int partition,
        long offset,
        Instant appendedAt,
        @Nullable Recovery recovered) {

    private static final long MICROS_PER_MILLI = 1_000;

    public SourcePosition(String topic, int partition, long offset, Instant appendedAt) {
        this(topic, partition, offset, appendedAt, null);
    }

    /**
     * When the event was appended for the first time, where that is known: its own times are judged
     * by it.
     */
    public Instant firstAppendedAt() {
        boolean isKnown = recovered != null && !recovered.appendedAt().equals(Instant.EPOCH);
        return isKnown ? recovered.appendedAt() : appendedAt;
    }

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
