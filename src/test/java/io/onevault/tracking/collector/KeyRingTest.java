package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.ConsentRules;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long a key is believed, and what happens while the database is away. */
final class KeyRingTest {

    private static final long MINUTE = 60_000;
    private static final Site SITE =
            new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null);

    private final AtomicLong now = new AtomicLong(1_000_000);
    private Optional<Site> inDatabase = Optional.of(SITE);
    private boolean isAway;
    private int asked;
    private final KeyRing keys = new KeyRing(this::find, () -> Instant.ofEpochMilli(now.get()));

    @Test
    void asksOnceAMinuteAndForgetsARevokedKeyByThen() {
        assertThat(keys.site("key")).contains(SITE);
        inDatabase = Optional.empty();
        now.addAndGet(MINUTE - 1);
        assertThat(keys.site("key")).contains(SITE);
        assertThat(asked).isEqualTo(1);
        now.addAndGet(1);
        assertThat(keys.site("key")).isEmpty();
    }

    @Test
    void goesOnForAnHourWithoutTheDatabaseAndAsksItOnceAMinute() {
        keys.site("key");
        isAway = true;
        for (int minute = 1; minute < 60; minute++) {
            now.addAndGet(MINUTE);
            assertThat(keys.site("key")).contains(SITE);
            assertThat(keys.site("key")).contains(SITE);
        }
        assertThat(asked).isEqualTo(60);
        now.addAndGet(MINUTE);
        assertThatThrownBy(() -> keys.site("key")).isInstanceOf(Refused.class);
    }

    @Test
    void doesNotGuessWhatAnUnknownKeyOpens() {
        isAway = true;
        assertThatThrownBy(() -> keys.site("key")).isInstanceOf(Refused.class);
        isAway = false;
        assertThat(keys.site("key")).contains(SITE);
    }

    private Optional<Site> find(byte[] keyHash) throws SQLException {
        asked++;
        if (isAway) {
            throw new SQLException("away");
        }
        return inDatabase;
    }
}
