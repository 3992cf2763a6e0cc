package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TenantDirectoryTest {

    private static final byte[] SALT = {1, 2, 3};
    private static final Tenants NOBODY = new Tenants(Map.of(), Set.of(), Map.of());
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
                                    List.of(),
                                    ZoneOffset.UTC,
                                    List.of(),
                                    PrivacyRules.DEFAULT)),
                    Set.of("twice"),
                    Map.of(LocalDate.parse("2026-11-20"), SALT));

    /** Of 20 November, 12:00 UTC. */
    private final ManualClock clock = new ManualClock(1_795_176_000L * 1_000_000_000L);

    private final SaltMemory memory = new SaltMemory(new RememberingJobManager());
    private final Database database = new Database();
    private final TenantDirectory directory =
            new TenantDirectory(database, memory, Duration.ofDays(100), Duration.ofHours(1), clock);

    /** What the next reading finds; null when it fails. */
    private static final class Database implements TenantReader {
        private static final long serialVersionUID = 1;
        private transient volatile Tenants found = ACME;

        @Override
        public Tenants read(SaltMemory memory) throws IOException {
            Tenants tenants = found;
            if (tenants == null) {
                throw new IOException("the database is away");
            }
            return tenants;
        }
    }

    @AfterEach
    void close() {
        directory.close();
    }

    /** What is known after the next reading. */
    private void readAgain() throws Exception {
        directory.await(directory.ask());
    }

    @Test
    void knowsTenantsOnceItIsOpen() throws Exception {
        directory.open();

        assertThat(directory.find("acme")).isNotNull();
        assertThat(directory.find("nobody")).isNull();
        assertThat(directory.knows("nobody")).isFalse();
    }

    @Test
    void findsNoneOfSeveralTenantsOfOneName() throws Exception {
        directory.open();

        assertThat(directory.find("twice")).isNull();
        assertThat(directory.isAmbiguous("twice")).isTrue();
        assertThat(directory.knows("twice")).isTrue();
    }

    @Test
    void forgetsATenantThatIsGone() throws Exception {
        directory.open();
        database.found = NOBODY;

        readAgain();

        assertThat(directory.find("acme")).isNull();
    }

    @Test
    void keepsKnownTenantsWhenReadingFails() throws Exception {
        directory.open();
        database.found = null;

        long number = directory.ask();
        directory.await(number);

        assertThat(directory.answered(number)).isFalse();
        assertThat(directory.find("acme")).isNotNull();
    }

    @Test
    void failsToOpenWhenNothingCanBeRead() {
        database.found = null;

        assertThatThrownBy(directory::open)
                .isInstanceOf(IOException.class)
                .hasMessage("the database is away");
    }

    @Test
    void givesTheSaltOfADay() throws Exception {
        directory.open();

        assertThat(directory.salt(LocalDate.parse("2026-11-20"))).isEqualTo(SALT);
        assertThat(directory.salt(LocalDate.parse("2026-11-21"))).isNull();
    }

    /** No reading tells so while the database is away. */
    @Test
    @Timeout(60)
    void forgetsSaltsInTime() throws Exception {
        LocalDate day = LocalDate.parse("2026-11-20");
        directory.open();
        memory.remember(Map.of(day, SALT, day.plusDays(1), SALT));
        database.found = null;

        clock.advanceTime(Duration.ofDays(1));
        readAgain();
        assertThat(directory.salt(day)).isEqualTo(SALT);
        assertThat(memory.recall()).containsKeys(day, day.plusDays(1));

        clock.advanceTime(Duration.ofHours(12));
        // It waits for no second reading that fails.
        readAgain();
        while (!Thread.currentThread().isInterrupted()
                && (directory.salt(day) != null || memory.recall().containsKey(day))) {
            Thread.onSpinWait();
        }

        assertThat(directory.salt(day)).isNull();
        assertThat(memory.recall()).containsOnlyKeys(day.plusDays(1));
    }
}
