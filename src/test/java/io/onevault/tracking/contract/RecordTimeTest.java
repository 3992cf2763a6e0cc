package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Timing;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordTimeTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // event, sent, received, record, expected
                "-, -, -, 1795705260000, 2026-11-26T15:01:00Z",
                "-, -, -, 1795705260, 2026-11-26T15:01:00Z",
                "-, -, -, 0, -",
                "-, -, -, -1, -",
                "-, -, -, 1577836799999, -",
                "-, -, -, 1577836800000, 2020-01-01T00:00:00Z",
                "-, -, -, 4102444799999, 2099-12-31T23:59:59.999Z",
                "-, -, -, 4102444800000, -",
                "-, -, -, 9223372036854775807, -",
                // The collector's word counts before the producer's, if it can.
                "-, -, 2026-11-26T15:02:00Z, 1795705260000, 2026-11-26T15:02:00Z",
                "-, -, 2026-11-26T15:02:00Z, 0, 2026-11-26T15:02:00Z",
                "-, -, 1999-11-26T15:02:00Z, 1795705260000, 2026-11-26T15:01:00Z",
                "-, -, 2100-01-01T00:00:00Z, 1795705260000, 2026-11-26T15:01:00Z",
                // But not where it is a year ahead of all other clocks.
                "-, -, 2099-11-26T15:02:00Z, 1795705260000, 2026-11-26T15:01:00Z",
                "-, -, 2027-11-27T15:01:00Z, 1795705260000, 2027-11-27T15:01:00Z",
                "-, -, 2027-11-27T15:01:01Z, 1795705260000, 2026-11-26T15:01:00Z",
                "-, -, 2099-11-26T15:02:00Z, 0, 2099-11-26T15:02:00Z",
                "2026-11-26T14:00:00Z, -, 2099-11-26T15:02:00Z, 0, 2026-11-26T14:00:00Z",
                "2026-11-26T14:00:00Z, 2099-11-26T14:00:00Z, 2099-11-26T15:02:00Z, 0, 2099-11-26T15:02:00Z",
                "2020-11-26T14:00:00Z, -, 2026-11-26T15:02:00Z, 1795705260000, 2026-11-26T15:02:00Z",
                // Within a year of the client's clock a stamp is believed before that.
                "2026-11-26T14:00:00Z, -, -, 1795705260000, 2026-11-26T15:01:00Z",
                "2025-11-26T14:00:00Z, -, -, 1795705260000, 2026-11-26T15:01:00Z",
                "2025-11-25T15:00:59Z, -, -, 1795705260000, 2025-11-25T15:00:59Z",
                "2026-11-26T14:00:00Z, -, -, 4070908800000, 2026-11-26T14:00:00Z",
                "2026-11-26T14:00:00Z, 2026-11-26T14:00:05Z, -, 0, 2026-11-26T14:00:05Z",
                "2026-11-26T14:00:00Z, 1999-01-01T00:00:00Z, -, 0, 2026-11-26T14:00:00Z",
                "1999-01-01T00:00:00Z, 1999-01-01T00:00:00Z, -, 1795705260, 2026-11-26T15:01:00Z",
                "1999-01-01T00:00:00Z, -, -, 0, -"
            })
    void believesTheFirstPlausibleTime(
            Instant event, Instant sent, Instant received, long record, Instant expected) {
        assertThat(RecordTime.received(new Timing(event, sent, received), record))
                .isEqualTo(expected == null ? RecordTime.UNKNOWN : expected);
    }
}
