package io.onevault.tracking.local;

import static io.onevault.tracking.local.ApiAnswers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions that cost more than a tenant's may are refused before anything is read for them. */
@ExtendWith(PostgresExtension.class)
class ApiCostTest {

    private static final String OWN =
            "SELECT round(business.site_own_events(util.hash_binary('bench'), %s))";
    private static final String ALL = "SELECT round(business.site_all_events(%s))";
    private static final String EVER = "'2000-01-01Z', '2090-01-01Z'";

    /** Scans of tables with events or sessions in the transaction at hand. */
    private static final String SCANS =
            """
            SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0)
              FROM pg_stat_xact_user_tables
             WHERE schemaname IN ('staging', 'business')
               AND relname !~ '^site_(rollup|cohort_zone)_b'""";

    private static TestDatabase database;

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, 1_500, 20, Instant.now());
        }
        database.execute("ANALYZE");
    }

    @AfterEach
    void unbound() throws SQLException {
        database.execute("DELETE FROM auth.tenant_site_tracking_s");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get_funnel('bench', '[{\"evt_type\": \"page_view\"}, {\"evt_type\": \"purchase\"}]', '{\"days\": 20}') | days",
                "get_funnel('bench', '[{\"evt_type\": \"page_view\"}, {\"item_id\": \"x\"}]', '{\"from\": \"FROM\"}') | from",
                "get_retention('bench', '{\"days\": 20}') | days",
                "get_paths('bench', '{\"days\": 20}') | days",
                "get_paths('bench', '{\"days\": 20, \"of\": \"events\", \"filters\": {\"event\": \"purchase\"}}') | days,filters",
                "get_experiment('bench', '{\"days\": 20, \"experiment\": \"x\"}') | days",
                "get_session_analytics('bench', '{\"days\": 20, \"breakdowns\": [\"experiments\"]}') | days,breakdowns",
                "get_web_vitals('bench', '{\"days\": 20}') | days",
                "get_attribution('bench', '{\"days\": 20, \"lookback_days\": 9}') | days,lookback_days",
                "get_items('bench', '{\"days\": 20}') | days",
                "get_events('bench', '{\"days\": 20, \"evt_type\": \"purchase\"}') | days",
                "get_events('bench', '{\"days\": 20, \"page_url\": \"https://nowhere/\"}') | days",
                "get_events('bench', '{\"days\": 20, \"visitor\": \"nobody\"}') | days",
                "get_events('bench', '{\"days\": 20, \"filters\": {\"device\": \"mobile\"}}') | days,filters",
                "get_retention('bench', '{\"days\": 20, \"filters\": {\"item\": \"x\"}}') | days,filters",
                "get_sessions('bench', '{\"days\": 20}') | days",
                "get_sessions('bench', '{\"days\": 20, \"filters\": {\"event\": \"purchase\"}}') | days,filters",
                "get_sessions('bench', '{\"days\": 20, \"steps\": [{\"evt_type\": \"a\"}, {\"evt_type\": \"b\"}]}') | days",
                "get_session_analytics('bench', '{\"days\": 20, \"breakdowns\": [\"goals\"]}') | days,breakdowns",
                "get_session_analytics('bench', '{\"days\": 20, \"breakdowns\": [], \"filters\": {\"page\": \"x\"}}') | days,filters",
                "get_items('bench', '{\"days\": 20, \"filters\": {\"device\": \"mobile\"}}') | days,filters",
                "get_realtime('bench', 1440) | minutes",
                "get_realtime('bench', 1440, '{\"filters\": {\"device\": \"mobile\"}}') | minutes,filters",
                "get_session_analytics('bench', '{\"days\": 20, \"breakdowns\": [], \"filters\": {\"device\": \"mobile\"}}') | days,filters",
                "get_session_analytics('bench', '{\"days\": 20, \"include_bots\": true}') | days,include_bots,breakdowns",
                "get_session_analytics('bench', '{\"days\": 10, \"compare\": true}') | days,compare,breakdowns",
                "get_session_analytics('bench', '{\"days\": 20, \"breakdowns\": [\"top_pages\"]}') | days,breakdowns",
            })
    void refusesBeforeItReads(String call, String narrow) throws Exception {
        String from = Instant.now().minusSeconds(15 * 86_400).toString().replaceAll("\\.\\d+", "");
        String question = "SELECT api." + call.replace("FROM", from);
        assertThat(database.texts(question).get(0)).contains("\"success\": true");

        bound(1);

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String answer = text(statement, question);
            assertThat(answer).contains("\"error_code\": \"TOO_EXPENSIVE\"");
            assertThat(
                            text(
                                    statement,
                                    "SELECT '"
                                            + answer.replace("'", "''")
                                            + "'::jsonb -> 'narrow'"))
                    .isEqualTo("[\"" + narrow.replace(",", "\", \"") + "\"]");
            assertThat(text(statement, SCANS)).isEqualTo("0");
        }
    }

    @Test
    void asksNothingOfWhatIsSummed() throws Exception {
        bound(1);

        JsonNode answer =
                answer(
                        database,
                        "api.get_session_analytics(?, ?::jsonb)",
                        "bench",
                        "{\"days\": 20, \"breakdowns\": []}");

        assertThat(answer.path("success").asBoolean()).isTrue();
    }

    @Test
    void aNarrowerQuestionPasses() throws Exception {
        long all = database.number(OWN.formatted(EVER));
        bound(all / 2);

        List<String> codes = new ArrayList<>();
        for (int days : new int[] {20, 5}) {
            codes.add(
                    answer(
                                    database,
                                    "api.get_items(?, ?::jsonb)",
                                    "bench",
                                    "{\"include_bots\": true, \"days\": " + days + "}")
                            .path("error_code")
                            .asText("passed"));
        }

        assertThat(codes).containsExactly("TOO_EXPENSIVE", "passed");
        assertThat(
                        answer(
                                        database,
                                        "api.get_items(?, '{\"days\": 20, \"include_bots\": true}')",
                                        "other")
                                .path("success")
                                .asBoolean())
                .isTrue();
    }

    @Test
    void estimatesWhatIsThere() throws Exception {
        String closed =
                "SELECT sum(total_events) FROM business.site_session_b WHERE NOT is_bot"
                        + " AND session_status = 'CLOSED' AND tenant_hk = util.hash_binary('bench')";
        String stored = "SELECT count(*) FROM business.site_event_details_s";
        String tenDays = "now() - INTERVAL '10 days', now()";
        String sinceThen = " WHERE event_timestamp >= now() - INTERVAL '10 days'";

        assertThat(database.number(OWN.formatted(EVER)))
                .isEqualTo(database.number(closed))
                .isPositive();
        assertThat(database.number(ALL.formatted(EVER)))
                .isCloseTo(database.number(stored), withPercentage(5));
        assertThat(database.number(ALL.formatted(tenDays)))
                .isCloseTo(database.number(stored + sinceThen), withPercentage(20));
    }

    private static void bound(long cost) throws SQLException {
        database.execute(
                "INSERT INTO auth.tenant_site_tracking_s"
                        + " (tenant_hk, load_date, max_read_cost, hash_diff, record_source)"
                        + " VALUES (util.hash_binary('bench'), now(), "
                        + cost
                        + ", sha256('h'), 'test')");
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
