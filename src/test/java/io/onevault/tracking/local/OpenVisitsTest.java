package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However many visits are open, a question looks at each event a few times, not once with each of
 * them: the planner knows nothing of open visits, nor of a day before it is analyzed. Counted are
 * the rows that the steps of all plans hand on or drop, so nothing hangs on time.
 */
@ExtendWith(PostgresExtension.class)
class OpenVisitsTest {

    private static final Instant UNTIL = Instant.parse("2026-11-05T13:37:00Z");

    /** It is sixty at most; once with each visit would be hundreds. */
    private static final int MOST_ROWS_AN_EVENT = 100;

    /** A visit has one event, and is looked at itself, too; once with each other would be 1,000. */
    private static final int MOST_ROWS_A_VISIT = 300;

    private static final String OPEN =
            """
            UPDATE business.site_session_details_s SET session_status = 'OPEN';
            CALL business.site_rebuild_sessions()""";

    private static final String SELL =
            """
            UPDATE business.site_event_details_s
            SET evt_type = 'purchase', items = '[{"item_id": "sku-1", "price": 1}]';
            INSERT INTO business.event_business_item_l
            SELECT
                event_timestamp, event_hk, event_hk, sha256('sku-1'), tenant_hk, load_date,
                record_source
            FROM business.site_event_details_s""";

    /** Has each statement's plan told to the client, those inside functions among them. */
    private static final String EXPLAIN =
            """
            LOAD 'auto_explain';
            SET auto_explain.log_min_duration = 0;
            SET auto_explain.log_nested_statements = on;
            SET auto_explain.log_analyze = on;
            SET auto_explain.log_timing = off;
            SET auto_explain.log_format = json;
            SET client_min_messages = log""";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static List<TestDatabase> vaults;

    /** As a batch makes them. */
    private static TestDatabase ofOneInstant;

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        TestDatabase few = filled(postgres, 250, 1);
        TestDatabase many = filled(postgres, 1_000, 1);
        TestDatabase analyzed = postgres.copyOf(many);
        analyzed.execute("ANALYZE");
        vaults = List.of(few, many, analyzed);
        ofOneInstant = filled(postgres, 1_000, 0);
        // As autovacuum does in a minute, on machines where this test takes one.
        ofOneInstant.execute("ANALYZE");
    }

    /**
     * Plans differ by size and by what is known; in no days all visits are of one event in one
     * instant.
     */
    private static TestDatabase filled(TestPostgres postgres, int visits, int days)
            throws Exception {
        TestDatabase database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, visits, days, UNTIL);
        }
        if (days == 0) {
            database.execute(SELL);
        }
        database.execute(OPEN);
        return database;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get_funnel('bench', '[{\"evt_type\": \"page_view\"}, {\"evt_type\": \"purchase\"}]', '{PERIOD}')",
                "get_session_analytics('bench', '{PERIOD, \"breakdowns\": [\"goals\", \"properties\"]}')",
                "get_session_analytics('bench', '{PERIOD, \"filters\": {\"event\": \"purchase\"}}')",
                "get_sessions('bench', '{PERIOD, \"steps\": [{\"evt_type\": \"page_view\"}, {\"evt_type\": \"click\"}]}')",
                "get_retention('bench', '{PERIOD}')",
                "get_paths('bench', '{PERIOD}')",
                "get_attribution('bench', '{PERIOD}')",
                "get_items('bench', '{PERIOD}')",
                "get_events('bench', '{PERIOD, \"visitor\": \"vis_1\"}')",
                "get_events('bench', '{PERIOD, \"filters\": {\"device\": \"mobile\"}}')",
            })
    void looksAtEachEventAFewTimes(String call) throws Exception {
        for (TestDatabase vault : vaults) {
            assertWorkIsLittle(vault, call, MOST_ROWS_AN_EVENT);
        }
    }

    /** Of which the keys of links, by instant, find none by itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "get_session_analytics('bench', '{PERIOD, \"breakdowns\": [\"event_types\", \"goals\"]}')",
                "get_session_analytics('bench', '{PERIOD, \"filters\": {\"event\": \"purchase\"}, \"breakdowns\": [\"top_pages\", \"items\"]}')",
                "get_funnel('bench', '[{\"evt_type\": \"page_view\"}, {\"evt_type\": \"purchase\"}]', '{PERIOD}')",
                "get_paths('bench', '{PERIOD}')",
                "get_items('bench', '{PERIOD}')",
            })
    void looksAtEachEventOfAnInstantAFewTimes(String call) throws Exception {
        assertWorkIsLittle(ofOneInstant, call, MOST_ROWS_A_VISIT);
    }

    private static void assertWorkIsLittle(TestDatabase vault, String call, int mostRows)
            throws Exception {
        String period = "\"from\": \"2026-11-04\", \"to\": \"2026-11-05\"";
        long events = vault.number("SELECT count(*) FROM business.site_event_details_s");

        assertThat(work(vault, "SELECT api." + call.replace("PERIOD", period)))
                .isLessThan(mostRows * events);
    }

    private static long work(TestDatabase database, String question) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(EXPLAIN);
            statement.clearWarnings();
            try (ResultSet row = statement.executeQuery(question)) {
                row.next();
                assertThat(row.getString(1)).contains("\"success\": true");
            }
            return work(statement);
        }
    }

    private static long work(Statement statement) throws SQLException, IOException {
        long work = 0;
        for (SQLWarning told = statement.getWarnings();
                told != null;
                told = told.getNextWarning()) {
            int plan = told.getMessage().indexOf('{');
            work += work(JSON.readTree(told.getMessage().substring(plan)).path("Plan"));
        }
        assertThat(work).isPositive();
        return work;
    }

    private static long work(JsonNode step) {
        long rows =
                step.path("Actual Rows").asLong()
                        + step.path("Rows Removed by Filter").asLong()
                        + step.path("Rows Removed by Join Filter").asLong();
        long work = rows * step.path("Actual Loops").asLong();
        for (JsonNode below : step.path("Plans")) {
            work += work(below);
        }
        return work;
    }
}
