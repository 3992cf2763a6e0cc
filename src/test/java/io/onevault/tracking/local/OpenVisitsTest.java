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

    private static final String OPEN =
            """
            UPDATE business.site_session_details_s SET session_status = 'OPEN';
            CALL business.site_rebuild_sessions()""";

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

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        TestDatabase few = filled(postgres, 250);
        TestDatabase many = filled(postgres, 1_000);
        TestDatabase analyzed = postgres.copyOf(many);
        analyzed.execute("ANALYZE");
        vaults = List.of(few, many, analyzed);
    }

    /** Plans differ by size and by what is known. */
    private static TestDatabase filled(TestPostgres postgres, int visits) throws Exception {
        TestDatabase database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, visits, 1, UNTIL);
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
        String question =
                "SELECT api."
                        + call.replace(
                                "PERIOD", "\"from\": \"2026-11-04\", \"to\": \"2026-11-05\"");
        for (TestDatabase vault : vaults) {
            long events = vault.number("SELECT count(*) FROM business.site_event_details_s");

            assertThat(work(vault, question)).isLessThan(MOST_ROWS_AN_EVENT * events);
        }
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
