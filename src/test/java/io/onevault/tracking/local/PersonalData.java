package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Personal data of all kinds of src/test/resources/personal/kinds.txt, as sent through each door of
 * a stack, and by what each piece of it is known.
 */
final class PersonalData {

    /** How an event gets in; what is refused comes through Kafka. */
    enum Door {
        BROWSER,
        SQL,
        KAFKA,
        REFUSED
    }

    /** What may be kept, and has to be found wherever events are. */
    static final String KEPT = "kept-qz-kept";

    private static final String TENANTS =
            """
            WITH registered AS (
                INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
                VALUES (util.hash_binary('sparing'), 'sparing', now(), 'test'),
                       (util.hash_binary('keeping'), 'keeping', now(), 'test')
                RETURNING tenant_hk, tenant_bk)
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, consent_policy, ip_policy, keep_user_agents, hash_diff,
                    record_source)
            SELECT tenant_hk, now(), 'IGNORE', 'NETWORK_24', true, sha256('1'), 'test'
              FROM registered
             WHERE tenant_bk = 'keeping'""";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FILLING = Pattern.compile("\\$(\\d+)");
    private static final List<String> KINDS = kinds();

    private final TestDatabase database;
    private final String kafka;
    private final String collector;
    private final Map<String, String> keys = new HashMap<>();
    private final Map<String, Door> traces = new HashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private int pieces;

    PersonalData(TestDatabase database, String kafka, int collector) throws Exception {
        this.database = database;
        this.kafka = kafka;
        this.collector = "http://127.0.0.1:" + collector;
        database.execute(TENANTS);
        for (String tenant : List.of("sparing", "keeping")) {
            keys.put(
                    tenant,
                    database.texts("SELECT auth.site_tracking_make_key('" + tenant + "', 'web')")
                            .get(0));
        }
    }

    private static List<String> kinds() {
        try {
            return Files.readAllLines(Path.of("src/test/resources/personal/kinds.txt")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The door through which came what is known by a text. */
    Map<String, Door> traces() {
        return Map.copyOf(traces);
    }

    /** How many events a door was given. */
    int eventsOfADoor() {
        return keys.size() * (KINDS.size() + 1);
    }

    void send(Door door) throws Exception {
        for (String tenant : keys.keySet()) {
            ArrayNode events = JSON.createArrayNode();
            events.add(event(tenant, door, "'page_title': '" + KEPT + "'"));
            for (String kind : KINDS) {
                events.add(event(tenant, door, expand(kind, door)));
            }
            switch (door) {
                case BROWSER -> browse(tenant, events);
                case SQL -> track(events);
                case KAFKA, REFUSED -> produce(events);
            }
        }
    }

    /** Asks for what is held of a visitor, and to erase it; waits until the job has told whom. */
    void askForVisitors() throws Exception {
        String visitor = expand("{\"visitor_id\": \"$word\"}", Door.SQL);
        database.execute("SELECT api.forget_visitor('sparing', '" + visitor + "')");
        JobRuns.await(
                () ->
                        database.texts(
                                        "SELECT line ->> 'kind' FROM api.export_visitor('sparing', '"
                                                + visitor
                                                + "') AS line")
                                .isEmpty());
    }

    /** By their sequence those differ of which all else is redacted alike. */
    private ObjectNode event(String tenant, Door door, String members) throws IOException {
        ObjectNode event = JSON.createObjectNode();
        event.put("tenantId", tenant).put("evt_type", "planted").put("session_id", "s-" + door);
        event.put("sequence", pieces);
        event.setAll((ObjectNode) JSON.readTree('{' + members.replace('\'', '"') + '}'));
        if (door == Door.REFUSED) {
            event.put("click_x", "no");
        }
        return event;
    }

    private String expand(String kind, Door door) {
        int n = pieces++;
        String word = "zqm%04d".formatted(n);
        String card = withCheckDigit("41111111111%04d".formatted(n));
        String iban = iban("37040044053201%04d".formatted(n));
        Map<String, String> values =
                Map.of(
                        "$word", word,
                        "$WORD", word.toUpperCase(Locale.ROOT),
                        "$phone", "170555%04d".formatted(n),
                        "$card", card,
                        "$gcard", inGroups(card),
                        "$iban", iban,
                        "$giban", inGroups(iban),
                        "$ip4", "198.51.%d.%d".formatted(100 + n / 250, 1 + n % 250),
                        "$ip6", "2001:db8:17:1:2:3:4:%x".formatted(0x1000 + n));
        String expanded = kind;
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (expanded.contains(value.getKey())) {
                expanded = expanded.replace(value.getKey(), value.getValue());
                traces.put(value.getValue(), door);
            }
        }
        return FILLING.matcher(expanded)
                .replaceAll(filling -> "a".repeat(Integer.parseInt(filling.group(1))));
    }

    /** A card's number, by Luhn's formula. */
    private static String withCheckDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? 2 * digit : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return digits + (10 - sum % 10) % 10;
    }

    /** A German account's number, by ISO 7064. */
    private static String iban(String account) {
        int rest = new BigInteger(account + "131400").mod(BigInteger.valueOf(97)).intValue();
        return "DE%02d".formatted(98 - rest) + account;
    }

    private static String inGroups(String number) {
        return number.replaceAll("(.{4})(?=.)", "$1 ");
    }

    /** A browser tells its agent in headers, and a proxy whose request it is. */
    private void browse(String tenant, ArrayNode events) throws Exception {
        ArrayNode plain = JSON.createArrayNode();
        for (var event : events) {
            ObjectNode members = (ObjectNode) event;
            String agent = text(members.remove("user_agent"));
            String address = text(members.remove("client_ip"));
            if (agent != null) {
                post(tenant, event.toString(), "User-Agent", agent);
            } else if (address != null) {
                boolean list = !address.startsWith("for=");
                post(tenant, event.toString(), list ? "X-Forwarded-For" : "Forwarded", address);
            } else {
                plain.add(event);
            }
        }
        post(tenant, plain.toString(), "Referer", "https://shop.example/");
    }

    private static @Nullable String text(com.fasterxml.jackson.databind.@Nullable JsonNode member) {
        return member == null ? null : member.asText();
    }

    private void post(String tenant, String body, String header, String value) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(collector + "/in?key=" + keys.get(tenant)))
                        .header(header, value)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertAllTaken(answer.body());
    }

    private static void assertAllTaken(String answer) throws IOException {
        assertThat(JSON.readTree(answer).at("/data/events_rejected")).as(answer).isEmpty();
    }

    /** What waits when the server looks at values for its planner must not stay among them. */
    private void track(ArrayNode events) throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement track =
                        connection.prepareStatement("SELECT api.track_event(?::jsonb)")) {
            connection.setAutoCommit(false);
            track.setString(1, events.toString());
            try (ResultSet answer = track.executeQuery()) {
                assertThat(answer.next()).isTrue();
                assertAllTaken(answer.getString(1));
            }
            connection.createStatement().execute("ANALYZE raw.site_tracking_outbox_r");
            connection.commit();
        }
    }

    private void produce(ArrayNode events) throws IOException {
        try (TrackerProducer producer = new TrackerProducer(kafka, "site-tracking-events")) {
            for (var event : events) {
                producer.send(JobRuns.utf8(event.toString()), null);
            }
            producer.flush();
        }
    }
}
