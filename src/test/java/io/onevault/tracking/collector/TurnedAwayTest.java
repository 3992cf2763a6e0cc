package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What was turned away is added once, also while the database goes and comes. */
final class TurnedAwayTest {

    private static final LocalDate FIRST = LocalDate.parse("2026-03-01");

    private final Map<TurnedAway.Day, Long> added = new HashMap<>();
    private Instant now = Instant.parse("2026-03-01T23:59:59Z");
    private boolean isAway;
    private final TurnedAway turnedAway = new TurnedAway(this::add, () -> now);

    @Test
    void addsWhatWasCountedByTenantAndDay() {
        turnedAway.count("acme", 10);
        turnedAway.count("other", 1);
        now = now.plusSeconds(1);
        turnedAway.count("acme", 5);
        turnedAway.write();
        turnedAway.write();

        assertThat(added)
                .isEqualTo(
                        Map.of(
                                new TurnedAway.Day("acme", FIRST),
                                10L,
                                new TurnedAway.Day("other", FIRST),
                                1L,
                                new TurnedAway.Day("acme", FIRST.plusDays(1)),
                                5L));
    }

    @Test
    void keepsWhatCouldNotBeAdded() {
        isAway = true;
        turnedAway.count("acme", 10);
        turnedAway.write();
        turnedAway.count("acme", 1);
        isAway = false;
        turnedAway.write();

        assertThat(added).isEqualTo(Map.of(new TurnedAway.Day("acme", FIRST), 11L));
    }

    private void add(Map<TurnedAway.Day, Long> counts) throws SQLException {
        if (isAway) {
            throw new SQLException("away");
        }
        counts.forEach((day, events) -> added.merge(day, events, Long::sum));
    }
}
