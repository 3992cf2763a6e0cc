package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Descriptions;
import io.onevault.tracking.vault.Loader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A vault of the tenants acme and other with all that the job writes of given events. */
final class LoadedVault {

    private static final String LEDGER =
            """
            INSERT INTO raw.site_tracking_ledger_r
            SELECT (load_date AT TIME ZONE 'UTC')::date, tenant_hk, outcome, '', 'run', count(*), now(), 'test'
              FROM business.site_event_h
             CROSS JOIN (VALUES ('RECEIVED'), ('ACCEPTED')) AS outcomes (outcome)
             GROUP BY 1, 2, 3
            UNION ALL
            SELECT (load_date AT TIME ZONE 'UTC')::date, tenant_hk, 'LATE', '', 'run', count(*), now(), 'test'
              FROM business.event_session_current_v
             WHERE link_kind = 'LATE'
             GROUP BY 1, 2""";

    private LoadedVault() {}

    static Item book(String id) {
        return new Item(id, "book", "B", null, null, BigDecimal.ONE, "EUR", null);
    }

    static TestDatabase of(TestPostgres postgres, List<EnrichedEvent> events) throws SQLException {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme", "other");
        LoadedSessions.load(database, events);
        describe(database, events);
        database.execute(LEDGER);
        assertThat(failedChecks(database)).isEmpty();
        return database;
    }

    static void describe(TestDatabase database, List<EnrichedEvent> events) throws SQLException {
        List<Description> descriptions = new ArrayList<>();
        events.forEach(event -> descriptions.addAll(Descriptions.of(event)));
        try (Connection connection = database.connect()) {
            assertThat(Loader.ofDescriptions("test").load(connection, descriptions)).isEmpty();
        }
    }

    static List<String> failedChecks(TestDatabase database) throws SQLException {
        List<String> failed = new ArrayList<>();
        try (Connection connection = database.connect()) {
            for (VaultChecks.Result result : VaultChecks.run(connection, 3)) {
                // Made-up events have made-up keys.
                if (!result.passed() && !result.check().equals("event_key_recomputed")) {
                    failed.add(result.check() + " " + result.violations());
                }
            }
        }
        return failed;
    }

    /** All sums that are something. */
    static List<String> rollups(TestDatabase database) throws SQLException {
        return database.texts(
                """
                SELECT r::text
                  FROM business.site_rollup_b AS r
                 WHERE (visits, page_views, events, conversions, revenue) <> (0, 0, 0, 0, 0)
                UNION ALL
                SELECT r::text
                  FROM business.site_return_b AS r
                 WHERE visits <> 0
                UNION ALL
                SELECT r::text
                  FROM business.site_item_return_b AS r
                 WHERE visitors <> 0
                UNION ALL
                SELECT r::text
                  FROM business.site_cohort_b AS r
                 WHERE visitors <> 0
                 ORDER BY 1""");
    }
}
