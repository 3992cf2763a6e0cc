package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What visitors and authorities may ask, and what the audit is told. */
@ExtendWith(PostgresExtension.class)
class SubjectAccessTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VISITOR = "vis_00000000000000000000000000000001";
    private static final String EXPORT =
            "SELECT api.export_visitor('acme', '{\"visitor_bk\": \"" + VISITOR + "\"}')";

    private final TestDatabase database;

    SubjectAccessTest(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            TestEvents made =
                    event("e" + i)
                            .type(i % 4 == 0 ? EventType.PURCHASE : EventType.PAGE_VIEW)
                            .occurredAt(TestEvents.START.plusSeconds(900L * i))
                            .session("s" + i / 4)
                            .visitor(i % 3 == 0 ? "vis_other" : VISITOR)
                            .label("label " + i)
                            .url("https://shop.example/p" + i)
                            .item(LoadedVault.book("sku" + i))
                            .purchase(
                                    i % 4 == 0
                                            ? new Purchase("t" + i, BigDecimal.TEN, "EUR")
                                            : Purchase.NONE);
            events.add(made.enriched());
        }
        database = LoadedVault.of(postgres, events);
    }

    @BeforeEach
    void keepAudit() throws Exception {
        database.execute(
                """
                CREATE TABLE audit (event_type text, actor text, told text);
                GRANT INSERT ON audit TO site_tracking_owner;
                CREATE OR REPLACE FUNCTION util.log_audit_event(
                    event_type text, resource_type text, resource_id text, actor text, details jsonb
                ) RETURNS jsonb LANGUAGE sql AS
                'INSERT INTO public.audit VALUES ($1, $4, concat($2, '' '', $3, '' '', $5)); SELECT ''{}''::jsonb'""");
    }

    private List<JsonNode> export(String kind) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : database.texts(EXPORT)) {
            JsonNode read = JSON.readTree(line);
            if (read.get("kind").asText().equals(kind)) {
                lines.add(read);
            }
        }
        return lines;
    }

    @Test
    void exportsEventsAsTheyWereSent() throws Exception {
        List<String> payloads =
                database.texts(
                        "SELECT payload FROM raw.site_tracking_events_r WHERE visitor_bk = '"
                                + VISITOR
                                + "' ORDER BY event_timestamp");
        List<JsonNode> sent = new ArrayList<>();
        for (String payload : payloads) {
            sent.add(JSON.readTree(payload));
        }

        assertThat(sent).hasSize(8);
        assertThat(export("event")).extracting(line -> line.get("event")).isEqualTo(sent);
        assertThat(export("session")).isNotEmpty();
        assertThat(export("visitor")).hasSize(1);
        assertThat(export("device")).hasSize(1);
        assertThat(export("item")).hasSize(8);
        assertThat(database.texts(EXPORT)).noneMatch(line -> line.contains("vis_other"));
    }

    /** Of the payload's members all but those that only it has. */
    @Test
    void exportsEventsInTheSameWordsWithoutPayloads() throws Exception {
        database.execute(
                """
                UPDATE staging.site_tracking_events_s
                   SET country = 'DE', region = 'DE-BE', utm_source = 'letter', click_id = 'abc', browser = 'Firefox'""");
        List<JsonNode> whole = export("event");
        database.execute("DELETE FROM raw.site_tracking_events_r");

        List<JsonNode> left = export("event");

        assertThat(left).hasSameSizeAs(whole);
        for (int i = 0; i < whole.size(); i++) {
            JsonNode before = whole.get(i).get("event");
            JsonNode after = left.get(i).get("event");
            for (String member :
                    List.of("evt_type", "evt_label", "page_url", "value", "transaction_id")) {
                assertThat(after.path(member)).as(member).isEqualTo(before.path(member));
            }
            assertThat(after.properties()).noneMatch(member -> member.getValue().isNull());
            assertThat(left.get(i).path("country").asText()).isEqualTo("DE");
            assertThat(left.get(i).path("region").asText()).isEqualTo("DE-BE");
            JsonNode enriched = left.get(i).path("enriched");
            assertThat(enriched).isEqualTo(whole.get(i).path("enriched"));
            assertThat(List.of("utm_source", "click_id", "browser", "channel"))
                    .allMatch(enriched::has);
        }
    }

    /** Late events have another version of a session be the current one, or none. */
    @Test
    void exportsFormerSessionsToo() throws Exception {
        List<String> former =
                database.texts(
                        """
                        INSERT INTO business.site_session_details_s
                        SELECT (jsonb_populate_record(versions, told)).*
                          FROM business.site_session_details_s AS versions
                          JOIN business.site_visitor_h USING (visitor_hk)
                         CROSS JOIN (VALUES ('{"session_status": "OPEN", "load_date": "2026-01-01"}'::jsonb),
                               ('{"session_status": "SUPERSEDED", "load_date": "2027-01-01"}')) AS versions_told (told)
                         WHERE visitor_bk = '%s'
                        RETURNING session_status"""
                                .formatted(VISITOR));
        int sessions = former.size() / 2;
        assertThat(sessions).isPositive();

        assertThat(export("former_session")).hasSize(3 * sessions);
    }

    @Test
    void tellsOptOuts() throws Exception {
        database.execute(
                """
                UPDATE raw.site_tracking_events_r
                   SET payload = (payload::jsonb || CASE WHEN payload ->> 'event_id' IN ('e1', 'e2')
                           THEN '{"gpc": true}' ELSE '{"properties": {"limit_use": 1}}' END::jsonb)::json
                 WHERE payload ->> 'event_id' IN ('e1', 'e2', 'e4')""");

        assertThat(export("event"))
                .filteredOn(line -> line.path("opted_out").asBoolean())
                .extracting(line -> line.at("/event/event_id").asText())
                .containsExactly("e1", "e2", "e4");
        assertThat(
                        database.number(
                                "SELECT count(*) FROM staging.site_tracking_events_v WHERE opted_out"))
                .isEqualTo(3);
        assertThat(listed("")).contains("evt_e1", "evt_e3").hasSizeGreaterThan(3);
        assertThat(listed("\"opted_out\": true,"))
                .containsExactlyInAnyOrder("evt_e1", "evt_e2", "evt_e4");
        assertThat(listed("\"opted_out\": false,")).hasSize(listed("").size() - 3);
        // e1 and e2 are of the first session, e4 of the second one.
        assertThat(sessions("")).isEqualTo(3);
        assertThat(sessions("\"opted_out\": true,")).isEqualTo(2);
        assertThat(sessions("\"opted_out\": false,")).isEqualTo(1);
        database.execute(
                "DELETE FROM raw.site_tracking_events_r WHERE payload ->> 'event_id' = 'e9'");
        assertThat(sessions("\"opted_out\": false,")).isZero();
        database.execute("DELETE FROM raw.site_tracking_events_r");
        assertThat(listed("\"opted_out\": false,")).isEmpty();
    }

    private long sessions(String options) throws SQLException {
        return database.number(
                """
                SELECT jsonb_array_length(api.get_sessions('acme',
                    '{%s "from": "2026-01-01", "to": "2026-12-31"}') #> '{data,sessions}')"""
                        .formatted(options));
    }

    private List<String> listed(String options) throws SQLException {
        return database.texts(
                """
                SELECT regexp_replace(event ->> 'event_id', '\\..*', '')
                  FROM jsonb_array_elements(api.get_events('acme',
                           '{%s "from": "2026-01-01", "to": "2026-12-31"}') #> '{data,events}') AS event"""
                        .formatted(options));
    }

    @Test
    void asksTheJobWhomAnIdMeans() throws Exception {
        String asked = "SELECT api.export_visitor('acme', '{\"user_id\": \"me@example.org\"}')";
        assertThat(database.texts(asked)).singleElement().asString().contains("pending");
        assertThat(database.texts(asked)).singleElement().asString().contains("pending");

        database.execute(
                """
                SELECT raw.site_tracking_name_visitors(
                    array_agg(erasure_id), array_agg(client_id), array_agg(id_kind), ARRAY['%s'])
                  FROM raw.site_tracking_ids_to_name()"""
                        .formatted(VISITOR));

        assertThat(database.texts(asked)).isEqualTo(database.texts(EXPORT));
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_export_r")).isZero();
        assertThat(database.texts("SELECT api.export_visitor('acme', '[]')"))
                .singleElement()
                .asString()
                .contains("INVALID_ARGUMENT");
    }

    @Test
    void recordsTheSettingsInForce() throws Exception {
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, consent_policy, ip_policy, keep_raw_days, keep_sessions_days, keep_backups_days,
                        hash_diff, record_source)
                SELECT tenant_hk, now(), 'REQUIRE', 'NONE', 90, 60, 35, sha256('1'), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'acme'""");
        database.texts("SELECT auth.site_tracking_make_key('acme', 'web')");

        JsonNode told =
                JSON.readTree(database.texts("SELECT api.get_processing_record('acme')").get(0))
                        .get("data");

        assertThat(told.at("/consent/policy").asText()).isEqualTo("REQUIRE");
        assertThat(told.at("/categories/address").asText()).isEqualTo("Nothing");
        assertThat(told.at("/categories/click_ids").asText()).contains("gclid");
        assertThat(told.at("/categories/device").asText()).contains("time zone");
        assertThat(told.at("/categories/visitor").asText()).contains("derived");
        assertThat(told.at("/categories/scores").asText()).endsWith(": nothing now");
        assertThat(told.at("/retention/topics").asText()).contains("retention.ms");
        assertThat(told.at("/retention/salts").asText()).startsWith("None ");
        assertThat(told.at("/retention/backups").asText()).isEqualTo("35 days");
        assertThat(told.at("/retention/days/raw").asInt()).isEqualTo(60);
        assertThat(told.at("/retention/days/ledger").isNull()).isTrue();
        assertThat(told.at("/recipients/keys/browser").asInt()).isOne();
    }

    /** Of a job that derives them there are none; nobody may tell of backups. */
    @Test
    void recordsHowLongSaltsAreKept() throws Exception {
        database.texts("SELECT count(*) FROM auth.site_tracking_salts('{}', '{}', 'test')");

        assertThat(
                        database.texts(
                                "SELECT concat_ws('; ', told ->> 'salts', told ->> 'backups')"
                                        + " FROM (SELECT api.get_processing_record('acme')"
                                        + " #> '{data,retention}') AS record (told)"))
                .singleElement()
                .asString()
                .startsWith("One a day for 48 hours")
                .endsWith("; Not told to this database");
    }

    /** Who did what and when, and nothing of anybody else. */
    @Test
    void tellsTheAuditWhoDidWhat() throws Exception {
        String login = "SELECT auth.site_tracking_%s_login('postgres'%s)";
        database.texts(login.formatted("bind", ", 'acme'"));
        database.texts("SELECT auth.site_tracking_make_key('acme', 'web')");
        database.execute("SELECT auth.site_tracking_revoke_key('acme', 'web')");
        database.execute(
                """
                SELECT api.change_settings('acme', '{"link": {"name": "jo@example.org"}}');
                SELECT api.change_settings('acme', '{"goals": ["jo@example.org"],
                       "annotation": {"day": "2026-03-01", "text": "jo@example.org"}}')""");
        database.texts(EXPORT);
        String features = "SELECT api.export_features('acme', '{\"features\": \"sessions\"}')";
        assertThat(readOnly().texts(features)).isEqualTo(database.texts(features)).isNotEmpty();
        database.texts(EXPORT.replace("export_", "forget_"));
        while (database.texts("SELECT raw.site_tracking_erase_next()").get(0) != null) {
            assertThat(database.number("SELECT count(*) FROM audit")).isLessThan(100);
        }
        String inForce = "SELECT max(load_date) FROM auth.tenant_site_tracking_s";
        String before = database.texts(inForce).get(0);
        database.execute(
                "UPDATE auth.tenant_site_tracking_s SET keep_staging_days = 1"
                        + (" WHERE load_date = (" + inForce + ")"));
        assertThat(database.texts(inForce)).doesNotContain(before);
        database.execute("SELECT raw.site_tracking_expire('2026-11-24')");
        database.execute(
                "DELETE FROM auth.tenant_site_tracking_s WHERE load_date = (" + inForce + ")");
        database.execute(login.formatted("bar", ""));

        assertThat(database.texts("SELECT event_type FROM audit"))
                .containsExactly(
                        "SITE_TRACKING_LOGIN_BOUND",
                        "SITE_TRACKING_KEY_MADE",
                        "SITE_TRACKING_KEY_REVOKED",
                        "SITE_TRACKING_LINK_MADE",
                        "SITE_TRACKING_SETTINGS_CHANGED",
                        "SITE_TRACKING_EXPORT",
                        "SITE_TRACKING_FEATURES_EXPORT",
                        "SITE_TRACKING_ERASURE_REQUESTED",
                        "SITE_TRACKING_ERASURE_DONE",
                        "SITE_TRACKING_SETTINGS_CHANGED",
                        "SITE_TRACKING_RETENTION",
                        "SITE_TRACKING_SETTINGS_REMOVED",
                        "SITE_TRACKING_LOGIN_BARRED");
        assertThat(database.texts("SELECT DISTINCT actor FROM audit")).containsExactly("postgres");
        assertThat(database.texts("SELECT told FROM audit"))
                .noneMatch(told -> told.contains("example.org") || told.contains("vis_"))
                .anyMatch(told -> told.contains("[\"goal_event_types\"]"))
                .anyMatch(told -> told.contains("[\"keep_staging_days\"]"));
    }

    /** In which nothing can be noted. */
    private TestDatabase readOnly() {
        return new TestDatabase(database.url() + "&options=-c%20default_transaction_read_only=on");
    }

    /** By which events say that they are kept. */
    @Test
    void keepsSettingsThatAreWrittenOver() throws Exception {
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s (tenant_hk, load_date, consent_policy, hash_diff, record_source)
                SELECT tenant_hk, now(), 'ANONYMISE', sha256('1'), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'acme'""");
        String versions =
                "SELECT load_date || ' ' || consent_policy FROM auth.tenant_site_tracking_s ORDER BY load_date";
        List<String> told = new ArrayList<>(database.texts(versions));

        for (String policy : List.of("REQUIRE", "IGNORE")) {
            database.execute(
                    "UPDATE auth.tenant_site_tracking_s SET consent_policy = '" + policy + "'");

            List<String> held = database.texts(versions);
            assertThat(held).startsWith(told.toArray(String[]::new)).hasSize(told.size() + 1);
            assertThat(held).last().asString().endsWith(policy);
            told = held;
        }
        assertThat(database.texts("SELECT event_type FROM audit"))
                .hasSize(3)
                .containsOnly("SITE_TRACKING_SETTINGS_CHANGED");
    }

    /** Whoever asks later by an id is found under it alone. */
    @Test
    void keepsSecretsThatPseudonymsAreMadeOf() throws Exception {
        String change = "UPDATE auth.tenant_site_tracking_s SET visitor_secret = '\\x%s'";
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s (tenant_hk, load_date, hash_diff, record_source)
                SELECT tenant_hk, now(), sha256('1'), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'acme'""");
        database.execute(change.formatted("abcd"));
        database.execute(change.formatted("abcd"));

        assertThatThrownBy(() -> database.execute(change.formatted("ef01")))
                .hasMessageContaining("insert a new version");
        assertThatThrownBy(() -> database.execute(change.formatted("")))
                .hasMessageContaining("insert a new version");
    }
}
