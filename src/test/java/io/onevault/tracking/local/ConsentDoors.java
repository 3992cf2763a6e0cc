package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.ConsentRules.Policy;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Signals;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sends events of every consent through every door of a running stack, a tenant a policy. */
final class ConsentDoors {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What an event tells, as members and as what they mean. */
    private record Told(String members, Signals signals) {}

    private static final List<Told> TOLD =
            List.of(
                    new Told("", Signals.NONE),
                    new Told("'consent': 'granted',", new Signals(true, false, false)),
                    new Told("'consent': {'analytics': false},", new Signals(false, false, false)),
                    new Told("'consent': 'granted', 'gpc': true,", new Signals(true, true, false)),
                    new Told("'consent': 'granted', 'dnt': '1',", new Signals(true, false, true)));

    /** How an event gets in. */
    private enum Door {
        BROWSER,
        SQL,
        KAFKA
    }

    private final Connection database;
    private final String kafka;
    private final int collector;
    private final HttpClient client = HttpClient.newHttpClient();

    ConsentDoors(Connection database, String kafka, int collector) {
        this.database = database;
        this.kafka = kafka;
        this.collector = collector;
    }

    void keepWhatConsentAllowsWhateverTheDoor() throws Exception {
        JobRuns.await(this::isCollectorThere);
        Map<String, String> expected = new TreeMap<>();
        for (Policy policy : Policy.values()) {
            String tenant = policy.name().toLowerCase(Locale.ROOT);
            String key = register(tenant, policy);
            for (Door door : Door.values()) {
                for (int i = 0; i < TOLD.size(); i++) {
                    String name = tenant + ' ' + door + ' ' + i;
                    send(door, key, event(tenant, name, TOLD.get(i).members()));
                    send(
                            door,
                            key,
                            event(tenant, name, TOLD.get(i).members() + "'click_x': 'no',"));
                    Keeping keeping =
                            new ConsentRules(policy, true, false, null)
                                    .keeping(TOLD.get(i).signals());
                    if (keeping != Keeping.NOTHING) {
                        expected.put(name, keeping.name());
                    }
                }
            }
        }
        long refused = fullNames(expected).size();
        JobRuns.await(() -> isAllCounted() && number(ROWS_OF_REFUSED) >= refused);
        JobRuns.await(() -> kept().size() >= expected.size());

        assertThat(kept()).isEqualTo(expected);
        assertThat(number(ROWS_OF_REFUSED)).isEqualTo(refused);
        assertThat(number(MARKED_AND_ANONYMOUS)).isZero();
        assertThat(rejectedTopic()).isSubsetOf(fullNames(expected));
        assertThat(number(NO_CONSENT)).isEqualTo(Door.values().length * 3L);
        assertThat(number("SELECT count(*) FROM raw.site_tracking_outbox_r")).isZero();
        assertThat(number(IN_SWEDEN))
                .isEqualTo(expected.keySet().stream().filter(n -> n.contains("BROWSER")).count());
        JobRuns.await(() -> number(SESSIONS_IN_SWEDEN) > 0);
    }

    private static final String KEPT =
            """
            SELECT payload ->> 'page_title', keeping FROM raw.site_tracking_events_r
             WHERE keeping IS NOT NULL AND payload ->> 'evt_type' = 'told'""";

    private static final String ROWS_OF_REFUSED =
            """
            SELECT count(*) FROM raw.site_tracking_events_r
             WHERE processing_status = 'ERROR' AND payload ->> 'evt_type' = 'told'""";

    private static final String MARKED_AND_ANONYMOUS =
            """
            SELECT count(*) FROM raw.site_tracking_events_r AS r
              JOIN business.site_event_details_s AS d USING (event_timestamp, event_hk)
              JOIN staging.site_tracking_events_s AS s USING (event_timestamp, event_hk)
             WHERE r.keeping = 'ANONYMOUS' AND concat(r, d, s) ~ 'marked|127\\.0'""";

    private static final String NO_CONSENT =
            """
            SELECT sum(event_count) FROM raw.site_tracking_ledger_r
             WHERE outcome = 'REJECTED' AND code = 'NO_CONSENT'""";

    private static final String IN_SWEDEN =
            """
            SELECT count(*) FROM raw.site_tracking_events_r AS r
              JOIN staging.site_tracking_events_s AS s USING (event_timestamp, event_hk)
             WHERE r.country = 'SE' AND s.country = 'SE' AND payload ->> 'evt_type' = 'told'""";

    private static final String SESSIONS_IN_SWEDEN =
            """
            SELECT count(*) FROM business.site_session_details_current_v
             WHERE country = 'SE' AND client_session_id IS NULL""";

    /** Refused events of what the collector may not even send on are in no ledger. */
    private boolean isAllCounted() throws SQLException {
        long all = 2L * Policy.values().length * Door.values().length * TOLD.size();
        long unsent = 3 + 2;
        return number(
                        """
                        SELECT coalesce(sum(received), 0) FROM raw.site_tracking_ledger_v
                          JOIN auth.tenant_h USING (tenant_hk)
                         WHERE balanced AND tenant_bk IN ('require', 'anonymise', 'ignore')""")
                == all - unsent;
    }

    /** The stack opens it last. */
    private boolean isCollectorThere() throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + collector + "/health/ready");
        try {
            return client.send(
                                    HttpRequest.newBuilder(uri).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (ConnectException notYet) {
            return false;
        }
    }

    private static String event(String tenant, String name, String members) {
        return """
        {'tenantId': '%s', 'evt_type': 'told', 'page_title': '%s', 'visitor_id': 'marked', %s
         'session_id': 'marked', 'user_id': 'marked', 'transaction_id': 'marked', 'x': 'marked',
         'page_view_id': 'marked-view', 'page_url': 'https://a.example/?gclid=marked',
         'user_agent': 'marked'}"""
                .formatted(tenant, name, members)
                .replace('\'', '"')
                .replace("\n", "");
    }

    private void send(Door door, String key, String event) throws Exception {
        switch (door) {
            case BROWSER -> {
                URI uri = URI.create("http://127.0.0.1:" + collector + "/in?key=" + key);
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(uri)
                                .header("User-Agent", "marked")
                                .POST(HttpRequest.BodyPublishers.ofString(event));
                HttpResponse<String> answer =
                        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            }
            case SQL -> text("SELECT api.track_event(?::jsonb)", event);
            case KAFKA -> {
                try (TrackerProducer producer =
                        new TrackerProducer(kafka, "site-tracking-events")) {
                    producer.send(event.getBytes(UTF_8), null);
                    producer.flush();
                }
            }
        }
    }

    private String register(String tenant, Policy policy) throws SQLException {
        text(
                """
                WITH registered AS (
                    INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
                    VALUES (util.hash_binary(?), ?, now(), 'test')
                    RETURNING tenant_hk)
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, consent_policy, hash_diff, record_source)
                SELECT tenant_hk, now(), ?, sha256('1'), 'test' FROM registered
                RETURNING 'done'""",
                tenant,
                tenant,
                policy.name());
        return text("SELECT auth.site_tracking_make_key(?, 'web')", tenant);
    }

    private Map<String, String> kept() throws SQLException {
        Map<String, String> kept = new TreeMap<>();
        try (PreparedStatement statement = database.prepareStatement(KEPT);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                assertThat(kept.put(rows.getString(1), rows.getString(2))).isNull();
            }
        }
        return kept;
    }

    private List<String> rejectedTopic() throws Exception {
        List<String> names = new ArrayList<>();
        for (TopicRecords.Record record : TopicRecords.of(kafka, "site-tracking-rejected")) {
            JsonNode rejected = JSON.readTree(record.value());
            byte[] original = Base64.getDecoder().decode(rejected.get("original").asText());
            names.add(JSON.readTree(new String(original, UTF_8)).path("page_title").asText());
        }
        assertThat(names).isNotEmpty();
        return names;
    }

    private static List<String> fullNames(Map<String, String> kept) {
        return kept.keySet().stream()
                .filter(name -> kept.get(name).equals(Keeping.FULL.name()))
                .toList();
    }

    private long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    private String text(String sql, @Nullable String... values) throws SQLException {
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
