package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What logins that are bound to a tenant try on another one; every attempt is printed. */
@ExtendWith(PostgresExtension.class)
final class TenantIsolationTest {

    private static final int LEAST_ATTEMPTS = 50;

    /** Found in no answer: texts and counts of the other tenant's rows, and of rejected events. */
    private static final List<String> SECRETS =
            List.of("other-secret", "47114711", "rejected-secret");

    private static final String SETUP =
            """
            DO $$
            DECLARE
                login text;
            BEGIN
                FOREACH login IN ARRAY ARRAY['test_bound', 'test_barred', 'test_unbound'] LOOP
                    IF to_regrole(login) IS NULL THEN
                        EXECUTE format('CREATE ROLE %I LOGIN', login);
                    END IF;
                    EXECUTE format('GRANT site_tracking_analyst TO %I', login);
                END LOOP;
            END $$;
            GRANT site_tracking_reader, site_tracking_writer
                TO test_bound, test_barred, test_unbound;
            SELECT auth.site_tracking_bind_login('test_bound', 'acme');
            SELECT auth.site_tracking_bind_login('test_barred', 'acme');
            SELECT auth.site_tracking_bar_login('test_barred');

            UPDATE business.site_page_h SET page_bk = 'https://other-secret/'
                WHERE tenant_hk = sha256('other');
            UPDATE business.site_page_details_s SET page_title = 'other-secret'
                WHERE tenant_hk = sha256('other');
            UPDATE business.site_event_details_s SET page_title = 'other-secret'
                WHERE tenant_hk = sha256('other');
            UPDATE business.site_session_details_s SET entry_page_url = 'https://other-secret/'
                WHERE tenant_hk = sha256('other');
            UPDATE staging.site_tracking_events_s SET utm_campaign = 'other-secret'
                WHERE tenant_hk = sha256('other');
            UPDATE raw.site_tracking_events_r SET payload = '{"session_id": "other-secret"}'
                WHERE tenant_hk = sha256('other');
            UPDATE raw.site_tracking_events_r SET payload = '{"session_id": "rejected-secret"}'
                WHERE tenant_hk = sha256('acme') AND processing_status = 'ERROR';
            UPDATE raw.site_tracking_ledger_r SET event_count = 47114711
                WHERE tenant_hk = sha256('other');
            INSERT INTO raw.site_tracking_outbox_r (tenant_hk, record_key, payload, created_at)
                VALUES (sha256('other'), 'other|s', 'other-secret', now());
            INSERT INTO raw.site_tracking_heartbeat_r (program, part, beat_at, version, record_source)
                VALUES ('RELAY', '', now(), 'x', 'x');
            ANALYZE;
            """;

    /** A query over all rows of the other tenant in every table of ours. */
    private static final String FINGERPRINT =
            """
            SELECT string_agg(format(
                'SELECT %L || md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) FROM %s AS t'
                    ' WHERE tenant_hk = sha256(%L)', c.oid::regclass::text || ' ', ',', '', c.oid::regclass, 'other'),
                ' UNION ALL ')
            FROM pg_class AS c
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_hk'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND c.relnamespace::regnamespace::text IN ('auth', 'raw', 'staging', 'business')
            """;

    private final TestDatabase database;
    private String fingerprint = "";
    private List<String> untouched = List.of();

    TenantIsolationTest(TestPostgres postgres) throws SQLException {
        database = postgres.smallVault();
    }

    /**
     * What somebody tries.
     *
     * @param expected what the answer, or the error with its SQLSTATE, holds
     */
    record Attempt(String name, String expected, String sql) {}

    @BeforeEach
    void fill() throws SQLException {
        database.execute(SETUP);
        fingerprint = database.texts(FINGERPRINT).get(0);
        untouched = database.texts(fingerprint);
        assertThat(untouched).hasSizeGreaterThan(20);
    }

    @Test
    void aBoundLoginNeverMeetsAnotherTenant() throws Exception {
        List<Attempt> attempts = attempts("/isolation/bound-to-acme.txt");
        assertThat(attempts).hasSizeGreaterThan(LEAST_ATTEMPTS);

        for (Attempt attempt : attempts) {
            assertRepelled("test_bound", attempt);
            assertUntouched(attempt.name());
        }
    }

    @Test
    void noReadFunctionAnswersForAnotherTenant() throws Exception {
        List<String> functions = readFunctions();
        assertThat(functions).contains("get_ledger", "get_tracking_system_status");

        for (String function : functions) {
            for (String tenant :
                    List.of("'other'", "'nobody'", "' other'", "NULL", "'acme'' OR ''1''=''1'")) {
                assertRepelled(
                        "test_bound",
                        new Attempt(
                                function + " of " + tenant,
                                "TENANT_MISMATCH",
                                "SELECT api." + function + "(" + tenant + rest(function) + ")"));
            }
            assertUntouched(function);
        }
    }

    /** Functions with options, where there are any. */
    @Test
    void noOptionReachesAnotherTenant() throws Exception {
        List<String> functions =
                database.texts(
                        "SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"
                                + " AND 'options' = ANY (proargnames) ORDER BY 1");
        for (String function : functions) {
            for (String options :
                    List.of(
                            "{\"tenant\": \"other\"}",
                            "{\"tenant_hk\": \"other\"}",
                            "{\"filters\": {\"tenant_hk\": \"other\"}}",
                            "{\"filters\": {\"country\": \"'' OR true --\"}}",
                            "{\"filters\": {\"entry_page\": [\"https://other-secret/\"]}}",
                            "{\"filters\": \"1=1\"}",
                            "{\"timezone\": \"UTC''; SELECT page_title FROM business.site_page_details_s; --\"}",
                            "{\"from\": \"1970-01-01\", \"to\": \"2100-01-01\"}",
                            "{\"cursor\": \"other\"}",
                            "[\"other\"]",
                            "\"other\"")) {
                assertRepelled(
                        "test_bound",
                        new Attempt(
                                function + " with " + options,
                                "\"success\": ",
                                "SELECT api.%s('acme'%s, options => '%s')"
                                        .formatted(function, rest(function), options)));
            }
            assertUntouched(function);
        }
    }

    @Test
    void aBarredLoginMeetsNobody() throws Exception {
        assertMeetsNobody("test_barred");
    }

    @Test
    void aLoginThatWasNeverBoundMeetsNobody() throws Exception {
        assertMeetsNobody("test_unbound");
    }

    private void assertMeetsNobody(String login) throws Exception {
        for (String tenant : List.of("acme", "other", "nobody")) {
            assertRepelled(
                    login,
                    new Attempt(
                            login + ": track for " + tenant,
                            "TENANT_MISMATCH",
                            "SELECT api.track_event('{\"tenantId\": \"%s\", \"evt_type\": \"x\"}')"
                                    .formatted(tenant)));
            for (String function : readFunctions()) {
                assertRepelled(
                        login,
                        new Attempt(
                                login + ": " + function + " of " + tenant,
                                "TENANT_MISMATCH",
                                "SELECT api.%s('%s'%s)"
                                        .formatted(function, tenant, rest(function))));
            }
            assertUntouched(tenant);
        }
        assertRepelled(
                login,
                new Attempt(login + ": pages", "0", "SELECT count(*) FROM business.site_page_h"));
    }

    private List<String> readFunctions() throws SQLException {
        return database.texts(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"
                        + " AND proname LIKE 'get\\_%' ORDER BY 1");
    }

    private static String rest(String function) {
        return function.equals("get_funnel") ? ", '[{\"evt_type\": \"page_view\"}]'" : "";
    }

    private void assertRepelled(String login, Attempt attempt) throws SQLException {
        String answer = answer(login, attempt.sql());
        System.out.println("isolation: " + attempt.name() + " -> " + attempt.expected());

        assertThat(answer).as(attempt.name()).contains(attempt.expected());
        assertThat(answer).as(attempt.name()).doesNotContain(SECRETS);
    }

    /** It takes longer than most attempts. */
    private void assertUntouched(String attempted) throws SQLException {
        assertThat(database.texts(fingerprint)).as(attempted).isEqualTo(untouched);
    }

    /** Everything that the login gets to see: rows, notices, errors. */
    private String answer(String login, String sql) throws SQLException {
        StringBuilder answer = new StringBuilder();
        String url = database.url().replace("user=postgres", "user=" + login);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            try {
                boolean rows = statement.execute(sql);
                while (rows || statement.getUpdateCount() >= 0) {
                    if (rows) {
                        append(answer, statement.getResultSet());
                    }
                    rows = statement.getMoreResults();
                }
            } catch (SQLException e) {
                answer.append("ERROR ").append(e.getSQLState()).append(' ').append(e.getMessage());
            }
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                answer.append('\n').append(w.getMessage());
            }
        }
        return answer.toString();
    }

    private static void append(StringBuilder answer, ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            for (int i = 1; i <= columns; i++) {
                answer.append(rows.getString(i)).append('\t');
            }
            answer.append('\n');
        }
    }

    private static List<Attempt> attempts(String resource) throws IOException {
        List<Attempt> attempts = new ArrayList<>();
        try (InputStream in = TenantIsolationTest.class.getResourceAsStream(resource)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split(" \\| ", 3);
                    attempts.add(new Attempt(parts[0], parts[1], parts[2]));
                }
            }
        }
        return attempts;
    }
}
