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
 * @param appendedFirst when the event was appended for the first time; null where that is this time
 *     or nothing tells it
 */
public record SourcePosition(
        String topic,
        int partition,
        long offset,
        Instant appendedAt,
        @Nullable Recovery recovered,
        @Nullable Instant appendedFirst) {

    private static final long MICROS_PER_MILLI = 1_000;

    public SourcePosition(String topic, int partition, long offset, Instant appendedAt) {
        this(topic, partition, offset, appendedAt, null);
    }

    public SourcePosition(
            String topic,
            int partition,
            long offset,
            Instant appendedAt,
            @Nullable Recovery recovered) {
        this(topic, partition, offset, appendedAt, recovered, first(recovered));
    }

    private static @Nullable Instant first(@Nullable Recovery recovered) {
        return recovered == null || recovered.appendedAt().equals(Instant.EPOCH)
                ? null
                : recovered.appendedAt();
    }

    /**
     * When the event was appended for the first time, where that is known: its own times are judged
     * by it.
     */
    public Instant firstAppendedAt() {
        return appendedFirst == null ? appendedAt : appendedFirst;
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

    /** The same of its first record: whether it is erased is judged by it. */
    public Instant firstLoadDate() {
        return appendedFirst == null ? loadDate() : appendedFirst;
    }
}
