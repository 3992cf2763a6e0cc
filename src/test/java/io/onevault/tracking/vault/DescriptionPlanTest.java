package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Description.Kind;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A loader that runs for long looks versions up by key, however small the satellite once was. */
@ExtendWith(PostgresExtension.class)
class DescriptionPlanTest {

    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    /** After so many PostgreSQL has settled on a plan that it keeps. */
    private static final int BATCHES = 30;

    private static final String FILL =
            """
            INSERT INTO business.site_visitor_details_s (
                visitor_hk, event_timestamp, load_date, device_type, is_bot, hash_diff, tenant_hk, record_source)
            SELECT sha256(n::text::bytea), now(), now(), 'tv', false, sha256('x'), sha256('acme'), 'test'
              FROM generate_series(1, 50000) AS n""";

    private static final String READ_WITHOUT_KEY =
            """
            SELECT seq_tup_read
              FROM pg_stat_user_tables
             WHERE relid = 'business.site_visitor_details_s'::regclass""";

    @Test
    void keepsLookingUpByKeyWhileASatelliteGrows(TestPostgres postgres) throws SQLException {
        LoadedVault vault = new LoadedVault(postgres);
        DescriptionLoader loader = new DescriptionLoader("test");
        for (int i = 0; i < BATCHES; i++) {
            vault.write(loader, visitor("v" + i));
        }
        vault.database().execute(FILL);
        long before = readWithoutKey(vault);

        vault.write(loader, visitor("another"));

        assertThat(readWithoutKey(vault)).isEqualTo(before);
        vault.close();
    }

    private static List<Description> visitor(String bk) {
        return List.of(
                new Description(
                        Kind.VISITOR,
                        TestEvents.tenantHk("acme"),
                        bk,
                        START,
                        START,
                        Arrays.asList("desktop", null, null, null, null, "false", null, null, null),
                        false));
    }

    private static long readWithoutKey(LoadedVault vault) throws SQLException {
        try (Statement statement = vault.connection().createStatement()) {
            statement.execute("SELECT pg_stat_force_next_flush()");
        }
        return vault.database().number(READ_WITHOUT_KEY);
    }
}
