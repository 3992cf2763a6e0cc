package io.onevault.tracking.local;

import static io.onevault.tracking.local.ApiAnswers.answer;
import static io.onevault.tracking.local.ApiAnswers.data;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What those who look at a tenant's figures share. */
@ExtendWith(PostgresExtension.class)
final class SettingsTest {

    private static final String CHANGE = "api.change_settings(?, ?::jsonb)";

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
