package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.EventLoader;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The days on which tenants have events, of which an erasure must miss none. */
@ExtendWith(PostgresExtension.class)
class TenantDaysTest {

    private static final String DAYS =
            "SELECT days::text FROM business.site_tenant_day_b AS days ORDER BY 1";

    private static final String KEEP_A_MONTH =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, keep_events_days, hash_diff, record_source)
            SELECT tenant_hk, now(), 31, sha256(''), 'test'
              FROM auth.tenant_h""";

    @Test
    void areToldOfEventsThatWereThereBefore(TestPostgres postgres) throws Exception {
        Instant twoDaysLater = START.plus(Duration.ofDays(2));
        TestDatabase database =
                LoadedVault.of(
                        postgres,
                        List.of(
                                of("first", START),
                                event("second").occurredAt(twoDaysLater).enriched(),
                                event("third").tenant("other").enriched()));
        List<String> days = database.texts(DAYS);
        assertThat(days).hasSize(3);

        database.execute("DROP TABLE business.site_tenant_day_b");
        database.migrate();

        assertThat(database.texts(DAYS)).isEqualTo(days);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** By one loader, which remembers much of what it wrote. */
    @Test
    void areToldAgainAfterRetention(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, List.of(of("first", START)));
        database.execute(KEEP_A_MONTH);
        Instant later = START.plus(Duration.ofDays(40));
        try (Connection connection = database.connect()) {
            EventLoader loader = new EventLoader("test");
            loader.load(connection, List.of(of("late", later)));
            while (database.texts("SELECT raw.site_tracking_expire('2026-12-30')").get(0) != null) {
                assertThat(LoadedVault.failedChecks(database))
                        .noneMatch(failed -> failed.startsWith("tenant_days_told"));
            }
            assertThat(database.texts(DAYS)).isEmpty();

            loader.load(connection, List.of(of("later", later.plusSeconds(1))));
        }

        assertThat(database.texts(DAYS)).hasSize(1);
        assertThat(LoadedVault.failedChecks(database))
                .noneMatch(failed -> failed.startsWith("tenant_days_told"));
    }

    private static EnrichedEvent of(String id, Instant appendedAt) {
        return event(id).occurredAt(START).appendedAt(appendedAt).enriched();
    }
}
