package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What PostgreSQL refuses although the contract allows it. */
@ExtendWith(PostgresExtension.class)
class DataErrorsITCase {

    private static final int EVENTS = 300;

    @TempDir Path folder;

    @Test
    void anEventThatTheDatabaseRefusesIsRejectedAndTheRestIsLoaded(TestPostgres postgres)
            throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        VaultRows.refuse(database, "too_much", "22003");
        VaultRows.refuse(database, "too_long", "54000");
        List<byte[]> lines = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            String type = i % 60 == 7 ? "too_much" : i % 100 == 9 ? "too_long" : "page_view";
            lines.add(event(type, i));
        }

        try (JobRuns runs = new JobRuns(folder)) {
            runs.runOnce("refused", runs.topic(lines), database);

            assertThat(VaultRows.ledger(database))
                    .isEqualTo(
                            Map.of(
                                    "RECEIVED",
                                    (long) EVENTS,
                                    "ACCEPTED",
                                    EVENTS - 8L,
                                    "REJECTED DATABASE_REFUSED",
                                    8L));
            assertThat(
                            database.texts(
                                    "SELECT status_codes[1] || ' ' || status_detail"
                                            + " FROM raw.site_tracking_events_r"
                                            + " WHERE processing_status = 'ERROR'"
                                            + " GROUP BY 1 ORDER BY 1"))
                    .containsExactly(
                            "DATABASE_REFUSED event: expected what the database takes,"
                                    + " SQLSTATE 22003",
                            "DATABASE_REFUSED event: expected what the database takes,"
                                    + " SQLSTATE 54000");
            assertThat(runs.rejected())
                    .hasSize(8)
                    .allSatisfy(
                            json ->
                                    assertThat(new ObjectMapper().readTree(json).get("reason"))
                                            .hasToString("\"DATABASE_REFUSED\""));
        }
        assertThat(VaultRows.sessions(database)).hasSize(10);
        VaultRows.assertSound(database);
    }

    private static byte[] event(String type, int number) {
        return JobRuns.utf8(
                """
                {"tenantId":"acme","evt_type":"%s","event_id":"e%d","session_id":"s%d",\
                "visitor_id":"v","page_url":"https://shop.example/%d",\
                "event_timestamp":"2026-11-20T10:%02d:%02dZ"}"""
                        .formatted(
                                type, number, number % 10, number % 7, number / 60, number % 60));
    }
}
