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

    /** Longest way from a client to its collector that is transit and no sign of a wrong clock. */
    static final Duration TRANSIT = Duration.ofMinutes(2);

    /** Before this no collector received anything: its clock was not set, or the time is empty. */
    static final Instant FIRST_RECEPTION = Instant.parse("2020-01-01T00:00:00Z");

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
        Instant told = told(timing, appendedAt);
        Instant received = (told == null ? appendedAt : told).truncatedTo(ChronoUnit.MICROS);
        Instant sent = timing.sentAt();
        boolean isWrong = sent != null && differ(sent, received).compareTo(TRANSIT) > 0;
        Instant occurred = occurred(timing, received, isWrong);
        if (occurred.isAfter(received.plus(TOLERANCE))) {
            return new EventTime(received, Suspicion.EVENT_TIME_IN_FUTURE);
        }
        if (isWrong && occurred.isAfter(received)) {
            // Sent before it occurred: the client's clock was set back in between. Nothing can
            // have occurred after its reception, so the delay is taken as none.
            occurred = received;
        }
        if (occurred.isBefore(received.minus(OLD))) {
            Instant bounded = occurred.isBefore(Instant.EPOCH) ? Instant.EPOCH : occurred;
            return new EventTime(bounded, Suspicion.EVENT_TIME_TOO_OLD);
        }
        boolean skewed = sent != null && differ(sent, received).compareTo(SKEW) > 0;
        return new EventTime(occurred, skewed ? Suspicion.CLOCK_SKEW : null);
    }

    /** The reception that the collector tells, as far as it can be believed; null without one. */
    public static @Nullable Instant told(Timing timing, Instant appendedAt) {
        Instant receivedAt = timing.receivedAt();
        Instant latest = appendedAt.plus(TOLERANCE);
        if (receivedAt == null || receivedAt.isBefore(FIRST_RECEPTION)) {
            return null;
        }
        return receivedAt.isAfter(latest) ? latest : receivedAt;
    }

    /**
     * @param clockIsWrong whether the client's clock says only how long it waited before it sent
     */
    private static Instant occurred(Timing timing, Instant received, boolean clockIsWrong) {
        Instant event = timing.eventTimestamp();
        Instant sent = timing.sentAt();
        if (event == null) {
            return received;
        }
        Instant occurred =
                clockIsWrong && sent != null
                        ? received.minus(Duration.between(event, sent))
                        : event;
        return occurred.truncatedTo(ChronoUnit.MICROS);
    }

    private static Duration differ(Instant one, Instant other) {
        return Duration.between(one, other).abs();
    }
}
