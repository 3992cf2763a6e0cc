package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.ConsentRules.Policy;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.local.CollectorDoors.Header;
import java.io.IOException;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sends events of every consent through every door of a running stack, a tenant a policy. */
final class ConsentDoors {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Header AGENT = new Header("User-Agent", "marked");

    /** What an event tells, as members and as what they mean. */
    private record Told(String members, Signals signals) {}

    private static final List<Told> TOLD =
            List.of(
                    new Told("", Signals.NONE),
                    new Told("'consent': 'granted',", new Signals(true, false, false)),
                    new Told("'consent': {'analytics': false},", new Signals(false, false, false)),
                    new Told("'consent': ['declined'],", new Signals(false, false, false)),
                    new Told("'consent': 'granted', 'gpc': true,", new Signals(true, true, false)),
                    new Told("'consent': 'granted', 'dnt': '1',", new Signals(true, false, true)));

    /** How an event gets in. */
    private enum Door {
        BROWSER,
        PIXEL,
        SERVER,
        SQL,
        KAFKA;

        /** Whether the collector is behind it, which sends on no more than may be kept. */
        boolean isCollectors() {
            return this != SQL && this != KAFKA;
        }

        /** Whether the client's address is the sender's. */
        boolean isClients() {
            return this == BROWSER || this == PIXEL;
        }
    }

    /** What a tenant may send with. */
    private record TenantKeys(String browser, String server) {}

    private final Connection database;
    private final String kafka;
    private final CollectorDoors collector;

    ConsentDoors(Connection database, String kafka, int collector) {
        this.database = database;
        this.kafka = kafka;
        this.collector = new CollectorDoors(collector);
    }

    void keepWhatConsentAllowsWhateverTheDoor() throws Exception {
        JobRuns.await(collector::isReady);
        Map<String, String> expected = new TreeMap<>();
        for (Policy policy : Policy.values()) {
            String tenant = policy.name().toLowerCase(Locale.ROOT);
            TenantKeys keys = register(tenant, policy);
            for (Door door : Door.values()) {
                for (int i = 0; i < TOLD.size(); i++) {
                    String name = tenant + ' ' + door + ' ' + i;
                    send(door, keys, event(tenant, name, TOLD.get(i).members()));
                    send(
                            door,
                            keys,
                            event(tenant, name, TOLD.get(i).members() + "'click_x': 'no',"));
                    Keeping keeping = keeping(policy, TOLD.get(i));
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
        assertThat(number(NO_CONSENT)).isEqualTo(Door.values().length * count(Keeping.NOTHING));
        assertThat(number("SELECT count(*) FROM raw.site_tracking_outbox_r")).isZero();
        assertThat(number(IN_SWEDEN))
                .isEqualTo(expected.keySet().stream().filter(ConsentDoors::isOfClient).count());
        JobRuns.await(() -> number(SESSIONS_IN_SWEDEN) > 0);
        printMatrix(kept());
    }

    private static Keeping keeping(Policy policy, Told told) {
        return new ConsentRules(policy, true, false, null).keeping(told.signals());
    }

    /** Of how much of what is told so much is kept, by all policies. */
    private static long count(Keeping keeping) {
        return Stream.of(Policy.values())
                .flatMap(policy -> TOLD.stream().map(told -> keeping(policy, told)))
                .filter(keeping::equals)
                .count();
    }

    private static boolean isOfClient(String name) {
        return Door.valueOf(name.split(" ")[1]).isClients();
    }

    /** What was kept, by policy, signals and door. */
    private static void printMatrix(Map<String, String> kept) {
        for (Policy policy : Policy.values()) {
            for (int i = 0; i < TOLD.size(); i++) {
                StringBuilder row = new StringBuilder("consent: " + policy);
                row.append(' ').append(TOLD.get(i).signals());
                for (Door door : Door.values()) {
                    String name = policy.name().toLowerCase(Locale.ROOT) + ' ' + door + ' ' + i;
                    row.append(' ').append(door).append('=');
                    row.append(kept.getOrDefault(name, Keeping.NOTHING.name()));
                }
                System.out.println(row);
            }
        }
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
        long collectors = Stream.of(Door.values()).filter(Door::isCollectors).count();
        long unsent = collectors * (count(Keeping.NOTHING) + count(Keeping.ANONYMOUS));
        return number(
                        """
                        SELECT coalesce(sum(received), 0) FROM raw.site_tracking_ledger_v
                          JOIN auth.tenant_h USING (tenant_hk)
                         WHERE balanced AND tenant_bk IN ('require', 'anonymise', 'ignore')""")
                == all - unsent;
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

    private void send(Door door, TenantKeys keys, String event) throws Exception {
        switch (door) {
            case BROWSER -> collector.browser(keys.browser(), event, AGENT);
            case PIXEL -> collector.image(keys.browser(), parameters(event), AGENT);
            case SERVER -> collector.server(keys.server(), event);
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

    /** A list or an object of purposes is no parameter, what it says is. */
    private static ObjectNode parameters(String event) throws IOException {
        ObjectNode members = (ObjectNode) JSON.readTree(event);
        JsonNode consent = members.path("consent");
        if (consent.isContainerNode()) {
            members.set("consent", consent.elements().next());
        }
        return members;
    }

    private TenantKeys register(String tenant, Policy policy) throws SQLException {
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
        return new TenantKeys(
                text("SELECT auth.site_tracking_make_key(?, 'web')", tenant),
                text("SELECT auth.site_tracking_make_key(?, 'shop', ARRAY['write'])", tenant));
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
