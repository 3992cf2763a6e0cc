package io.onevault.tracking.contract;

import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time at which an event counts, out of the clocks of client, collector and broker.
 *
 * @param occurredAt UTC, microseconds
 * @param suspicion the gravest doubt about it, if any
 */
public record EventTime(Instant occurredAt, @Nullable Suspicion suspicion) {

    /** How far a clock may be ahead of the next one before it is held to be wrong. */
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    static final Duration OLD = Duration.ofDays(30);
    static final Duration SKEW = Duration.ofHours(24);

    /**
     * Resolves the event time by the rule of docs/event-contract.md. Depends on the record alone,
     * so a replay gives the same.
     *
     * @param appendedAt when the broker appended the record: stands in for a missing reception, and
     *     bounds one that lies in the future
     */
    public static EventTime resolve(Timing timing, Instant appendedAt) {
        Instant received = received(timing.receivedAt(), appendedAt);
        Instant occurred = occurred(timing, received);
        if (occurred.isAfter(received.plus(TOLERANCE))) {
            return new EventTime(received, Suspicion.EVENT_TIME_IN_FUTURE);
        }
        if (timing.sentAt() != null && timing.eventTimestamp() != null) {
            // Sent before it occurred: the client's clock was set back in between. Nothing can
            // have occurred after its reception, so the delay is taken as none.
            occurred = occurred.isAfter(received) ? received : occurred;
        }
        if (occurred.isBefore(received.minus(OLD))) {
            Instant bounded = occurred.isBefore(Instant.EPOCH) ? Instant.EPOCH : occurred;
            return new EventTime(bounded, Suspicion.EVENT_TIME_TOO_OLD);
        }
        boolean skewed = timing.sentAt() != null && isSkewed(timing.sentAt(), received);
        return new EventTime(occurred, skewed ? Suspicion.CLOCK_SKEW : null);
    }

    private static Instant received(@Nullable Instant receivedAt, Instant appendedAt) {
        Instant latest = appendedAt.plus(TOLERANCE);
        if (receivedAt == null) {
            return appendedAt.truncatedTo(ChronoUnit.MICROS);
        }
        return (receivedAt.isAfter(latest) ? latest : receivedAt).truncatedTo(ChronoUnit.MICROS);
    }

    private static Instant occurred(Timing timing, Instant received) {
        Instant event = timing.eventTimestamp();
        if (event == null) {
            return received;
        }
        Instant sent = timing.sentAt();
        Instant occurred = sent == null ? event : received.minus(Duration.between(event, sent));
        return occurred.truncatedTo(ChronoUnit.MICROS);
    }

    private static boolean isSkewed(Instant sentAt, Instant received) {
        return Duration.between(sentAt, received).abs().compareTo(SKEW) > 0;
    }
}
