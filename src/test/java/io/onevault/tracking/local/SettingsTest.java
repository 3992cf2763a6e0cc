package io.onevault.tracking.local;

import static io.onevault.tracking.local.ApiAnswers.answer;
import static io.onevault.tracking.local.ApiAnswers.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What those who look at a tenant's figures share. */
@ExtendWith(PostgresExtension.class)
final class SettingsTest {

    private static final String CHANGE = "api.change_settings(?, ?::jsonb)";

    private static final String VERSION =
            "INSERT INTO auth.tenant_site_tracking_s"
                    + " (tenant_hk, load_date, consent_policy, hash_diff, record_source)"
                    + " VALUES (sha256('acme'), ";

    private static final String SECRET =
            "INSERT INTO auth.tenant_site_tracking_s"
                    + " (tenant_hk, load_date, visitor_secret, hash_diff, record_source)"
                    + " VALUES (sha256('acme'), ";

    private static final String SECRETS =
            "SELECT coalesce(encode(visitor_secret, 'hex'), '')"
                    + " FROM auth.tenant_site_tracking_s ORDER BY load_date";

    private static final String IN_FORCE =
            "SELECT concat_ws(' ', consent_policy, goal_event_types)"
                    + " FROM auth.tenant_site_tracking_s ORDER BY load_date DESC LIMIT 1";

    private final TestDatabase database;

    SettingsTest(TestPostgres postgres) throws Exception {
        database = postgres.smallVault();
    }

    @Test
    void newGoalsLeaveAllOtherSettingsAsTheyAre() throws Exception {
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                    (tenant_hk, load_date, time_zone, max_session_events, hash_diff, record_source)
                VALUES (sha256('acme'), now() - interval '1 day', 'Europe/Berlin', 7, sha256('1'), 'test')""");

        JsonNode settings =
                data(database, CHANGE, "acme", "{\"goals\": [\"sign_up\", \"call\", \"call\"]}");

        assertThat(settings.path("goals"))
                .extracting(JsonNode::asText)
                .containsExactly("call", "sign_up");
        assertThat(settings.path("timezone").asText()).isEqualTo("Europe/Berlin");
        assertThat(
                        database.texts(
                                "SELECT concat_ws(' ', time_zone, max_session_events, goal_event_types)"
                                        + " FROM auth.tenant_site_tracking_s ORDER BY load_date"))
                .containsExactly("Europe/Berlin 7", "Europe/Berlin 7 {call,sign_up}");
    }

    /** Of an operator, whose transaction is not over when a key's goals are changed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE auth.tenant_site_tracking_s SET consent_policy = 'REQUIRE'",
                VERSION + "clock_timestamp(), 'REQUIRE', sha256('2'), 'test')"
            })
    void newGoalsUndoNoPolicy(String stricter) throws Exception {
        database.execute(VERSION + "now() - interval '1 day', 'IGNORE', sha256('1'), 'test')");
        ExecutorService key = Executors.newSingleThreadExecutor();
        try (Connection operator = database.connect();
                Statement statement = operator.createStatement()) {
            operator.setAutoCommit(false);
            statement.execute(stricter);
            Future<JsonNode> changed =
                    key.submit(() -> data(database, CHANGE, "acme", "{\"goals\": [\"a\"]}"));
            database.awaitWaiting(1, changed);
            operator.commit();
            changed.get();
        } finally {
            key.shutdownNow();
        }

        assertThat(database.texts(IN_FORCE)).containsExactly("REQUIRE {a}");
    }

    /** In whose transaction the goals that came since are not seen. */
    @ParameterizedTest
    @ValueSource(strings = {"REPEATABLE READ", "SERIALIZABLE"})
    void aPolicyUndoesNoGoalsThatItsTransactionDoesNotSee(String isolation) throws Exception {
        database.execute(VERSION + "now() - interval '1 day', 'IGNORE', sha256('1'), 'test')");
        try (Connection operator = database.connect();
                Statement statement = operator.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL " + isolation);
            statement.execute(IN_FORCE);
            data(database, CHANGE, "acme", "{\"goals\": [\"a\"]}");

            assertThatThrownBy(
                            () ->
                                    statement.execute(
                                            "UPDATE auth.tenant_site_tracking_s SET consent_policy = 'REQUIRE'"))
                    .hasMessageContaining("READ COMMITTED");
        }

        assertThat(database.texts(IN_FORCE)).containsExactly("IGNORE {a}");
    }

    /** When the goals came first, the operator has not seen them. */
    @Test
    void aPolicyUndoesNoGoals() throws Exception {
        database.execute(VERSION + "now() - interval '1 day', 'IGNORE', sha256('1'), 'test')");
        ExecutorService job = Executors.newSingleThreadExecutor();
        try (Connection key = database.connect();
                Statement statement = key.createStatement()) {
            key.setAutoCommit(false);
            statement.execute("SELECT api.change_settings('acme', '{\"goals\": [\"a\"]}')");
            Future<Void> changed =
                    job.submit(
                            () -> {
                                database.execute(
                                        "UPDATE auth.tenant_site_tracking_s SET consent_policy = 'REQUIRE'");
                                return null;
                            });
            database.awaitWaiting(1, changed);
            key.commit();
            assertThatThrownBy(changed::get).hasMessageContaining("meanwhile");
        } finally {
            job.shutdownNow();
        }

        assertThat(database.texts(IN_FORCE)).containsExactly("IGNORE {a}");
    }

    /** It would hold at once and make those after it hold for nothing, or be such a one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                VERSION + "now() + interval '1 hour', 'REQUIRE', sha256('2'), 'test') | dated",
                VERSION + "now() - interval '1 hour', 'REQUIRE', sha256('2'), 'test') | later",
                "UPDATE auth.tenant_site_tracking_s SET load_date = now() + interval '1 hour' | dated"
            })
    void refusesAVersionThatDoesNotHoldFromNowOn(String statement, String told) throws Exception {
        database.execute(VERSION + "now(), 'IGNORE', sha256('1'), 'test')");

        assertThatThrownBy(() -> database.execute(statement)).hasMessageContaining(told);

        assertThat(database.texts(IN_FORCE)).containsExactly("IGNORE");
    }

    /** What came since would be read again under it, and whoever was erased be back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                SECRET + "now() - interval '2 minutes', %s, sha256('2'), 'test')",
                "UPDATE auth.tenant_site_tracking_s"
                        + " SET load_date = now() - interval '2 minutes', visitor_secret = %s"
            })
    void refusesASecretOfBefore(String statement) throws Exception {
        database.execute(SECRET + "now() - interval '1 day', '', sha256('1'), 'test')");

        assertThatThrownBy(() -> database.execute(statement.formatted("'\\xabcd'")))
                .hasMessageContaining("dated");

        database.execute(statement.formatted("NULL"));
        database.execute(SECRET + "now(), '\\xabcd', sha256('3'), 'test')");
        assertThat(database.texts(SECRETS)).containsExactly("", "", "abcd");
    }

    /** Of which they would be a copy. */
    @Test
    void newGoalsUndoNoPolicyThatTheirTransactionDoesNotSee() throws Exception {
        database.execute(VERSION + "now() - interval '1 day', 'IGNORE', sha256('1'), 'test')");
        try (Connection key = database.connect();
                Statement statement = key.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
            statement.execute(IN_FORCE);
            database.execute(VERSION + "now(), 'REQUIRE', sha256('2'), 'test')");

            statement.execute("SELECT api.change_settings('acme', '{\"goals\": [\"a\"]}')");
            statement.execute("COMMIT");
        }

        assertThat(database.texts(IN_FORCE)).containsExactly("REQUIRE");
    }

    /** As an earlier one let it be. */
    @Test
    void whatIsChangedHoldsAlsoWhereAVersionIsDatedAhead() throws Exception {
        String ahead = VERSION + "now() + interval '1 hour', 'IGNORE', sha256('1'), 'test')";
        database.execute("SET session_replication_role = replica; " + ahead);

        data(database, CHANGE, "acme", "{\"goals\": [\"a\"]}");
        database.execute("UPDATE auth.tenant_site_tracking_s SET consent_policy = 'REQUIRE'");

        assertThat(database.texts(IN_FORCE)).containsExactly("REQUIRE {a}");
    }

    @Test
    void keepsWhatIsSavedByVersions() throws Exception {
        String note = "{\"annotation\": {\"day\": \"2026-03-01\", \"text\": \"%s\"%s}}";
        String text = "Sale of 2026-03-01";
        JsonNode noted = data(database, CHANGE, "acme", note.formatted(text, ""));
        assertThat(noted.at("/annotations/0/text").asText()).isEqualTo(text);
        assertThat(noted.at("/annotations/0/day").asText()).isEqualTo("2026-03-01");
        JsonNode removed =
                data(database, CHANGE, "acme", note.formatted(text, ", \"remove\": true"));
        assertThat(removed.path("annotations")).isEmpty();

        String segment = "{\"segment\": {\"name\": \"Phones\", \"filters\": {\"device\": \"%s\"}}}";
        data(database, CHANGE, "acme", segment.formatted("tablet"));
        JsonNode saved = data(database, CHANGE, "acme", segment.formatted("mobile"));
        assertThat(saved.path("segments")).hasSize(1);
        assertThat(saved.at("/segments/0/filters/device/0").asText()).isEqualTo("mobile");
        assertThat(data(database, "api.get_settings(?)", "other").path("segments")).isEmpty();
        assertThat(database.number("SELECT count(*) FROM auth.site_tracking_saved_s")).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | change",
                "[] | change",
                "{\"tenant\": \"other\"} | tenant",
                "{\"goals\": \"a\"} | goals",
                "{\"goals\": [\"\"]} | goals",
                "{\"goal\": {\"name\": \"a\"}} | goal",
                "{\"goal\": {\"name\": \"a\", \"evt_type\": 1}} | goal",
                "{\"goal\": {\"name\": \"a\", \"evt_type\": \"b\", \"property_value\": \"c\"}} | goal",
                "{\"segment\": 1} | segment",
                "{\"segment\": {\"filters\": {}}} | segment",
                "{\"segment\": {\"name\": \" \"}} | segment",
                "{\"segment\": {\"name\": \"a\", \"filters\": {\"colour\": \"red\"}}} | filters.colour",
                "{\"segment\": {\"name\": \"a\", \"filters\": {\"visitor_kind\": \"red\"}}} | filters.visitor_kind",
                "{\"annotation\": {\"text\": \"a\"}} | day",
                "{\"annotation\": {\"text\": \"a\", \"day\": \"yesterday\"}} | day",
                "{\"link\": {\"name\": \"a\", \"days\": 0}} | days",
                "{\"link\": {\"name\": \"a\", \"password_hash\": \"plain\"}} | password_hash"
            })
    void refusesWhatMakesNoSense(String change, String field) throws Exception {
        JsonNode answer = answer(database, CHANGE, "acme", change);

        assertThat(answer.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("field").asText()).isEqualTo(field);
        assertThat(database.number("SELECT count(*) FROM auth.site_tracking_saved_s")).isZero();
    }
}
