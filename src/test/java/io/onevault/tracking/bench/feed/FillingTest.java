package io.onevault.tracking.bench.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.local.VaultRows;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the benchmark fills the vault with before the job starts. */
@ExtendWith(PostgresExtension.class)
class FillingTest {

    @Test
    void fillsEveryTableOfAVaultThatStaysSound(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        JsonNode filled;
        try (Connection connection = database.connect()) {
            filled = new ObjectMapper().valueToTree(Filling.fill(connection, 2_000));
        }

        assertThat(filled.path("events").asLong())
                .isBetween(1_500L, 2_500L)
                .isEqualTo(database.number("SELECT count(*) FROM business.site_event_h"));
        assertThat(filled.path("tables").size()).isGreaterThan(18);
        assertThat(filled.at("/tables/raw.site_tracking_events_r/bytes_per_event").asInt())
                .isPositive();
        for (String table : VaultRows.ALL) {
            assertThat(database.number("SELECT count(*) FROM " + table)).as(table).isPositive();
        }
        VaultRows.assertSound(database);
    }
}
