package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

class TenantDirectoryTest {

    private static final Duration REFRESH = Duration.ofSeconds(10);
    private static final byte[] SALT = {1, 2, 3};
    private static final Tenants NOBODY = new Tenants(Map.of(), Map.of());
    private static final Tenants ACME =
            new Tenants(
                    Map.of(
                            "acme",
                            new Tenant(
                                    "acme",
                                    "0a".repeat(32),
                                    "ff",
                                    SessionRules.DEFAULT,
                                    null,
                                    List.of())),
                    Map.of(LocalDate.parse("2026-11-20"), SALT));

    private final ManualClock clock = new ManualClock();
    private final Database database = new Database();
    private final TenantDirectory directory = new TenantDirectory(database, REFRESH, clock);

    /** What the next reading finds; null when it fails. */
    private static final class Database implements TenantReader {
        private static final long serialVersionUID = 1;
        private transient Tenants found = NOBODY;
        private int readings;

        @Override
        public Tenants read() throws IOException {
            readings++;
            if (found == null) {
                throw new IOException("the database is away");
            }
            return found;
        }
    }

    @Test
    void readsTenantsOnFirstUseAndNotAgainWhileTheyAreFresh() throws Exception {
        database.found = ACME;

        assertThat(directory.find("acme")).isNotNull();
        clock.advanceTime(REFRESH.minusMillis(1));
        assertThat(directory.find("acme")).isNotNull();
        assertThat(database.readings).isEqualTo(1);

        clock.advanceTime(Duration.ofMillis(1));
        directory.find("acme");
        assertThat(database.readings).isEqualTo(2);
    }

    @Test
    void knowsANewTenantWithinASecond() throws Exception {
        assertThat(directory.find("acme")).isNull();
        database.found = ACME;

        clock.advanceTime(Duration.ofMillis(999));
        assertThat(directory.find("acme")).isNull();
        clock.advanceTime(Duration.ofMillis(1));
        assertThat(directory.find("acme")).isNotNull();
    }

    @Test
    void asksForUnknownTenantsAtMostOnceASecond() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            directory.find("nobody" + i);
        }

        assertThat(database.readings).isEqualTo(1);
    }

    @Test
    void forgetsATenantThatIsGone() throws Exception {
        database.found = ACME;
        directory.find("acme");
        database.found = NOBODY;

        clock.advanceTime(REFRESH);

        assertThat(directory.find("acme")).isNull();
    }

    @Test
    void keepsKnownTenantsWhenReadingFails() throws Exception {
        database.found = ACME;
        directory.find("acme");
        database.found = null;

        clock.advanceTime(REFRESH);

        assertThat(directory.find("acme")).isNotNull();
        assertThat(database.readings).isEqualTo(2);
        directory.find("acme");
        assertThat(database.readings).as("a failure is not repeated at once").isEqualTo(2);
    }

    @Test
    void failsWhenNothingWasEverRead() {
        database.found = null;

        assertThatThrownBy(() -> directory.find("acme")).isInstanceOf(IOException.class);
    }

    @Test
    void givesTheSaltOfTheDayInUtc() throws Exception {
        database.found = ACME;
        directory.find("acme");

        assertThat(directory.salt(Instant.parse("2026-11-20T00:00:00Z"))).isEqualTo(SALT);
        assertThat(directory.salt(Instant.parse("2026-11-20T23:59:59.999Z"))).isEqualTo(SALT);
        assertThat(directory.salt(Instant.parse("2026-11-21T00:00:00Z"))).isNull();
    }
}
