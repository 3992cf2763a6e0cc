package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventTimeTest {

    private static final Instant APPENDED = Instant.parse("2026-03-01T12:00:00Z");

    /** Offsets from the append time; empty for a clock that is not given. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // event, sent, received, expected, suspicion
                "-, -, -, PT0S, -",
                "-, -, PT-1S, PT-1S, -",
                "-, PT-3S, PT-1S, PT-1S, -",
                "PT-10S, -, -, PT-10S, -",
                "PT-10S, -, PT-1S, PT-10S, -",
                // Up to two minutes between the clocks are transit.
                "PT-10S, PT-8S, PT-1S, PT-10S, -",
                "PT-3M, PT-2M-1S, PT-1S, PT-3M, -",
                "PT-3M, PT-2M-1.001S, PT-1S, PT-59.999S, -",
                "PT3M, PT1M59S, PT-1S, PT3M, -",
                "PT3M, PT1M59.001S, PT-1S, PT-1S, -",
                "PT10S, PT2M, PT-1S, PT-1M-51S, -",
                "PT2H, PT2H2S, PT-1S, PT-3S, -",
                "PT26H, PT26H2S, PT-1S, PT-3S, CLOCK_SKEW",
                "PT-26H, PT-25H, PT0S, PT-1H, CLOCK_SKEW",
                "PT-24H, PT-24H, PT0S, PT0S, -",
                "PT-24H, PT-24H-0.001S, PT0S, PT0S, CLOCK_SKEW",
                "PT5M, -, PT0S, PT5M, -",
                "PT5M0.000001S, -, PT0S, PT0S, EVENT_TIME_IN_FUTURE",
                "PT-720H, -, PT0S, PT-720H, -",
                "PT-720H-0.000001S, -, PT0S, PT-720H-0.000001S, EVENT_TIME_TOO_OLD",
                "PT-800H, PT0S, PT0S, PT-800H, EVENT_TIME_TOO_OLD",
                // Sent before it occurred: no delay, and a doubt when it is more than five minutes.
                "PT1M, PT0S, PT0S, PT1M, -",
                "PT1H1M, PT1H, PT0S, PT0S, -",
                "PT6M, PT0S, PT0S, PT0S, EVENT_TIME_IN_FUTURE",
                "PT1H6M, PT1H, PT0S, PT0S, EVENT_TIME_IN_FUTURE",
                // A reception after the append is bounded.
                "-, -, PT4M, PT4M, -",
                "-, -, PT1H, PT5M, -",
                "PT7M, -, PT1H, PT7M, -",
                "PT11M, -, PT1H, PT5M, EVENT_TIME_IN_FUTURE"
            })
    void resolvesEventTime(
            Duration event, Duration sent, Duration received, Duration expected, Suspicion doubt) {
        Timing timing = new Timing(at(event), at(sent), at(received));

        assertThat(EventTime.resolve(timing, APPENDED))
                .isEqualTo(new EventTime(at(expected), doubt));
    }

    /** A client with a right clock: whichever request stalls, its events keep their times. */
    @Property
    void transitChangesNoTime(
            @ForAll @LongRange(min = 0, max = 2_591_000_000L) long waitMillis,
            @ForAll @IntRange(min = -120_000, max = 120_000) int transitMillis,
            @ForAll @IntRange(min = -120_000, max = 120_000) int againMillis) {
        Instant event = APPENDED.minusMillis(waitMillis);
        Timing first = new Timing(event, APPENDED, APPENDED.plusMillis(transitMillis));
        Timing again = new Timing(event, APPENDED, APPENDED.plusMillis(againMillis));

        EventTime expected = new EventTime(event, null);
        assertThat(EventTime.resolve(first, APPENDED)).isEqualTo(expected);
        assertThat(EventTime.resolve(again, APPENDED)).isEqualTo(expected);
    }

    @Test
    void truncatesToMicroseconds() {
        Timing timing = new Timing(null, null, APPENDED.plusNanos(1_999));

        assertThat(EventTime.resolve(timing, APPENDED).occurredAt())
                .isEqualTo(APPENDED.plusNanos(1_000));
    }

    @Test
    void neverGoesBeforeTheEpoch() {
        Timing timing = new Timing(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"), APPENDED);

        assertThat(EventTime.resolve(timing, APPENDED))
                .isEqualTo(new EventTime(Instant.EPOCH, Suspicion.EVENT_TIME_TOO_OLD));
    }

    /** A collector's clock that never was set is no reception. */
    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:07Z, 2026-03-01T12:00:00Z",
        "2019-12-31T23:59:59.999999Z, 2026-03-01T12:00:00Z",
        "2020-01-01T00:00:00Z, 2020-01-01T00:00:00Z",
    })
    void believesNoReceptionBefore2020(Instant received, Instant expected) {
        assertThat(EventTime.resolve(new Timing(null, null, received), APPENDED))
                .isEqualTo(new EventTime(expected, null));
        assertThat(EventTime.resolve(new Timing(APPENDED, APPENDED, received), APPENDED))
                .isEqualTo(
                        expected.equals(APPENDED)
                                ? new EventTime(APPENDED, null)
                                : new EventTime(expected, Suspicion.CLOCK_SKEW));
    }

    private static Instant at(Duration offset) {
        return offset == null ? null : APPENDED.plus(offset);
    }
}
