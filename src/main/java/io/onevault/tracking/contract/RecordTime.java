package io.onevault.tracking.contract;

import io.onevault.tracking.event.Timing;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When an event was received whose record was not stamped by the broker: its producer may have
 * written anything. A rule of the record alone, without a clock, so that a replay finds the same.
 */
public final class RecordTime {

    /** Stands for no time at all. */
    public static final Instant UNKNOWN = Instant.EPOCH;

    private static final Instant FIRST = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");

    /** Farther off the other clocks than this it is no time of this record. */
    private static final Duration FARTHEST = Duration.ofDays(366);

    private RecordTime() {}

    /**
     * The first of these that can be believed: {@code received_at}, unless it is far ahead of all
     * others; the record's time, near the client's; {@code sent_at}; {@code event_timestamp}; or
     * else {@link #UNKNOWN}.
     *
     * @param recordMillis the record's time, which is in seconds where it has ten digits
     */
    public static Instant received(Timing timing, long recordMillis) {
        Instant sent = plausible(timing.sentAt());
        Instant client = sent == null ? plausible(timing.eventTimestamp()) : sent;
        Instant record = plausible(Instants.ofEpoch(recordMillis));
        Instant received = plausible(timing.receivedAt());
        if (received != null && !isAhead(received, record, client)) {
            return received;
        }
        if (record == null || client == null) {
            return record != null ? record : client != null ? client : UNKNOWN;
        }
        boolean isNear = Duration.between(client, record).abs().compareTo(FARTHEST) <= 0;
        return isNear ? record : client;
    }

    /** Whether every other clock that tells a time says that it was much earlier. */
    private static boolean isAhead(
            Instant received, @Nullable Instant record, @Nullable Instant client) {
        Instant latest =
                record == null || client != null && client.isAfter(record) ? client : record;
        return latest != null && received.isAfter(latest.plus(FARTHEST));
    }

    private static @Nullable Instant plausible(@Nullable Instant time) {
        return time == null || time.isBefore(FIRST) || !time.isBefore(END) ? null : time;
    }
}
