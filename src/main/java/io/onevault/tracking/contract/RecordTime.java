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

    /** Farther off the client's clock than this it is no time of this record. */
    private static final Duration FARTHEST = Duration.ofDays(366);

    private RecordTime() {}

    /**
     * The first of these that can be believed: {@code received_at}; the record's time; {@code
     * sent_at}; {@code event_timestamp}; or else {@link #UNKNOWN}.
     *
     * @param recordMillis the record's time, which is in seconds where it has ten digits
     */
    public static Instant received(Timing timing, long recordMillis) {
        if (isPlausible(timing.receivedAt())) {
            return timing.receivedAt();
        }
        Instant client = isPlausible(timing.sentAt()) ? timing.sentAt() : timing.eventTimestamp();
        Instant record = Instants.ofEpoch(recordMillis);
        if (!isPlausible(client)) {
            return isPlausible(record) ? record : UNKNOWN;
        }
        boolean isNear = Duration.between(client, record).abs().compareTo(FARTHEST) <= 0;
        return isNear && isPlausible(record) ? record : client;
    }

    private static boolean isPlausible(@Nullable Instant time) {
        return time != null && !time.isBefore(FIRST) && time.isBefore(END);
    }
}
