package io.onevault.tracking.local;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.local.CollectorDoors.Header;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.EnumMap;
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
        PIXEL,
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

    /** A page that a browser comes from. */
    private static final String REFERRING = "https://shop.example/?email=$word";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FILLING = Pattern.compile("\\$(\\d+)");
    private static final List<String> KINDS = kinds();

    /** Kinds of which each member is a text. */
    private static final Pattern PARAMETERS =
            Pattern.compile("'\\w+': '[^']*'(, '\\w+': '[^']*')*");

    private final TestDatabase database;
    private final String kafka;
    private final CollectorDoors collector;
    private final Map<String, String> keys = new HashMap<>();
    private final Map<String, Door> traces = new HashMap<>();
    private final Map<Door, Integer> sent = new EnumMap<>(Door.class);
    private int pieces;

    PersonalData(TestDatabase database, String kafka, int collector) throws Exception {
        this.database = database;
        this.kafka = kafka;
        this.collector = new CollectorDoors(collector);
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

    /** How many events are to be loaded. */
    int taken() {
        return sent.values().stream().mapToInt(count -> count).sum() - refused();
    }

    /** How many are to be rejected. */
    int refused() {
        return sent.get(Door.REFUSED);
    }

    void send(Door door) throws Exception {
        for (String tenant : keys.keySet()) {
            ArrayNode events = JSON.createArrayNode();
            events.add(event(tenant, door, "'page_title': '" + KEPT + "'"));
            for (String kind : KINDS) {
                if (door != Door.PIXEL || PARAMETERS.matcher(kind).matches()) {
                    events.add(event(tenant, door, expand(kind, door)));
                }
            }
            sent.merge(door, events.size(), Integer::sum);
            switch (door) {
                case BROWSER -> browse(tenant, events);
                case PIXEL -> look(tenant, events);
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
        // None is the beginning of another one.
        Map<String, String> values =
                Map.ofEntries(
                        entry("$word", word),
                        entry("$WORD", word.toUpperCase(Locale.ROOT)),
                        entry("$phone", "170555%04d".formatted(n)),
                        entry("$card", card),
                        entry("$gcard", inGroups(card, " ")),
                        entry("$dcard", inGroups(card, ".")),
                        entry("$iban", iban),
                        entry("$giban", inGroups(iban, " ")),
                        entry("$ssn", "412-55-%04d".formatted(n)),
                        entry("$mac", "00:1b:63:c4:%02x:%02x".formatted(n / 256, n % 256)),
                        entry("$imei", withCheckDigit("4901542031%04d".formatted(n))),
                        entry("$ip4", "198.51.%d.%d".formatted(100 + n / 150, 100 + n % 150)),
                        entry("$ip6", "2001:db8:17:1:2:3:4:%x".formatted(0x1000 + n)));
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

    /** A number of a card or a device, by Luhn's formula. */
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

    private static String inGroups(String number, String sign) {
        return number.replaceAll("(.{4})(?=.)", "$1" + sign);
    }

    private void browse(String tenant, ArrayNode events) throws Exception {
        ArrayNode plain = JSON.createArrayNode();
        for (JsonNode event : events) {
            Header header = header((ObjectNode) event, "user_agent", "client_ip");
            if (header == null) {
                plain.add(event);
            } else {
                assertAllTaken(collector.browser(keys.get(tenant), event.toString(), header));
            }
        }
        Header page = new Header("Referer", expand(REFERRING, Door.BROWSER));
        assertAllTaken(collector.browser(keys.get(tenant), plain.toString(), page));
    }

    private void look(String tenant, ArrayNode events) throws Exception {
        for (JsonNode event : events) {
            ObjectNode members = (ObjectNode) event;
            Header header = header(members, "user_agent", "client_ip", "page_url");
            if (header == null) {
                header = new Header("Referer", expand(REFERRING, Door.PIXEL));
            }
            collector.image(keys.get(tenant), members, header);
        }
    }

    /** What a browser tells in headers of its agent or page, or a proxy of whose request it is. */
    private static @Nullable Header header(ObjectNode members, String... names) {
        for (String name : names) {
            JsonNode value = members.remove(name);
            if (value != null) {
                String text = value.asText();
                return switch (name) {
                    case "user_agent" -> new Header("User-Agent", text);
                    case "page_url" -> new Header("Referer", text);
                    default ->
                            new Header(
                                    text.startsWith("for=") ? "Forwarded" : "X-Forwarded-For",
                                    text);
                };
            }
        }
        return null;
    }

    private static void assertAllTaken(JsonNode answer) {
        assertThat(answer.at("/data/events_rejected")).as(answer.toString()).isEmpty();
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
                assertAllTaken(JSON.readTree(answer.getString(1)));
            }
            connection.createStatement().execute("ANALYZE raw.site_tracking_outbox_r");
            connection.commit();
        }
    }

    private void produce(ArrayNode events) throws IOException {
        try (TrackerProducer producer = new TrackerProducer(kafka, "site-tracking-events")) {
            for (JsonNode event : events) {
                producer.send(JobRuns.utf8(event.toString()), null);
            }
            producer.flush();
        }
    }
}
