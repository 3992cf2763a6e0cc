package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InstantsTest {

    private static final long LAST_MICRO = 4_133_980_800_000_000L - 1;

    private static final long FIRST_MICRO_OF_MILLIS = 1_000_000_000_000_000L;

    @Property
    void readsBackWhatItWrites(@ForAll @LongRange(min = 0, max = LAST_MICRO) long micros) {
        Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);

        StringBuilder text = new StringBuilder();
        Instants.append(text, instant);

        assertThat(text).hasToString(instant.toString());
        assertThat(Instants.ofIso(text.toString())).isEqualTo(instant);
        assertThat(Instants.isInRange(instant)).isTrue();
    }

    @Property
    void readsEveryOffset(
            @ForAll @LongRange(min = 0, max = LAST_MICRO) long micros,
            @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offsetMinutes) {
        Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        OffsetDateTime local =
                instant.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60))
                        .truncatedTo(ChronoUnit.MICROS);

        assertThat(Instants.ofIso(local.toString())).isEqualTo(instant);
    }

    @Property
    void readsEpochMilliseconds(
            @ForAll @LongRange(min = FIRST_MICRO_OF_MILLIS, max = LAST_MICRO) long micros) {
        String millis = micros / 1_000 + "." + String.format("%03d", micros % 1_000);

        assertThat(Instants.ofEpoch(millis))
                .isEqualTo(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    @Property
    void tenDigitsAreEpochSeconds(
            @ForAll @LongRange(min = 1_000_000_000, max = 4_133_980_799L) long second,
            @ForAll @IntRange(min = 0, max = 999_999) int micros) {
        Instant instant = Instant.ofEpochSecond(second, micros * 1_000L);

        assertThat(Instants.ofEpoch(Long.toString(second)))
                .isEqualTo(Instant.ofEpochSecond(second));
        assertThat(Instants.ofEpoch(second + "." + String.format("%06d", micros)))
                .isEqualTo(instant);
    }

    /** One digit less or more is another unit or none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "999999999",
                "10000000000",
                "99999999999",
                "179570526000",
                "999999999999.9",
                "17957052600000",
                "4133980800"
            })
    void otherNumbersAreNoTime(String number) {
        assertThat(Instants.isInRange(Instants.ofEpoch(number))).isFalse();
    }

    @Property
    void neverThrows(@ForAll String text) {
        Instant instant = Instants.ofIso(text);

        assertThat(instant == null || text.length() >= 17).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01",
                "2026-03-01T10:00:00",
                "2026-03-01T10:00:00.Z",
                "2026-03-01T10:00:60Z",
                "2026-03-01T10:60:00Z",
                "2026-13-01T10:00:00Z",
                "2026-00-01T10:00:00Z",
                "2026-02-30T10:00:00Z",
                "2026-03-01T10:00:00+19:00",
                "2026-03-01T10:00:00+1:00",
                "2026-03-01T10:00:00+01:60",
                "2026-03-01T10:00:00 Z",
                "2026-03-01T10:00:00ZZ",
                "2026-03-01T10:00:00CET",
                "2026-03-01T10:00.5Z",
                "02026-03-01T10:00Z",
                "2026/03/01T10:00:00Z"
            })
    void refusesWhatIsNoTimeWithZone(String text) {
        assertThat(Instants.ofIso(text)).isNull();
    }
}
