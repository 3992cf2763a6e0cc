package io.onevault.tracking.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that the committed sample traffic is what its program and docs/sample.md say. */
class SampleTrafficTest {

    private static final Path RESOURCE = Path.of("src/main/resources/sample/events.jsonl");
    private static final Path DOCS = Path.of("docs/sample.md");
    private static final Pattern MAIL = Pattern.compile("[a-z.]+@([a-z.]+)");
    private static final Pattern RECEIVED_AT = Pattern.compile("\"received_at\":\"[0-9TZ:.-]+\"");
    private static final String ALL = "all";

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void committedFileEqualsAFreshGenerationByteForByte() throws IOException {
        String fresh = String.join("\n", SampleTraffic.generate()) + "\n";

        assertThat(Files.readAllBytes(RESOURCE)).isEqualTo(fresh.getBytes(UTF_8));
        assertThat(SampleTraffic.lines()).isEqualTo(SampleTraffic.generate());
    }

    @Test
    void fileStaysSmall() throws IOException {
        assertThat(Files.size(RESOURCE)).isBetween(3_000_000L, 4_000_000L);
        assertThat(SampleTraffic.lines()).hasSizeBetween(3_500, 5_000);
    }

    @Test
    void linesComeInOrderOfReceptionExceptForByteIdenticalRepeats() {
        Set<String> seen = new HashSet<>();
        List<Instant> receptions = new ArrayList<>();

        for (String line : SampleTraffic.lines()) {
            JsonNode event = read(line);
            if (seen.add(line) && event.path("received_at").isTextual()) {
                receptions.add(Instant.parse(event.get("received_at").asText()));
            }
        }

        assertThat(receptions).isSorted().hasSizeGreaterThan(3_000);
        assertThat(receptions.get(0)).isAfterOrEqualTo(SampleTraffic.START);
        assertThat(receptions.get(receptions.size() - 1)).isBeforeOrEqualTo(SampleTraffic.END);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acme-shop add_to_cart",
                "acme-shop coupon_apply",
                "acme-shop item_view",
                "acme-shop purchase",
                "acme-shop search",
                "acme-shop transaction_step",
                "nimbus-saas feature_used",
                "nimbus-saas login",
                "nimbus-saas purchase",
                "nimbus-saas signup",
                "nimbus-saas trial_start",
                "daily-lantern newsletter_signup",
                "daily-lantern page_ping",
                "daily-lantern scroll",
                "hearth-homes enquiry",
                "hearth-homes item_view",
                "harbour-clinic appointment",
                "harbour-clinic item_view",
                "open-campus enrolment",
                "open-campus item_view"
            })
    void everyTradeHasItsEvents(String tenantAndType) {
        assertThat(ordinaryEvents())
                .map(event -> tenant(event) + " " + type(event))
                .filteredOn(tenantAndType::equals)
                .hasSizeGreaterThan(4);
    }

    @Test
    void networkFaultsHaveTheirShares() {
        List<String> lines = SampleTraffic.lines();
        List<String> ids = new ArrayList<>();
        int outOfOrder = 0;
        int late = 0;
        Instant latest = Instant.MIN;
        for (JsonNode event : ordinaryEvents()) {
            if (event.has("event_id")) {
                ids.add(event.get("event_id").asText());
            }
            Instant time = eventTime(event);
            late += time.plus(Duration.ofHours(4)).isBefore(received(event)) ? 1 : 0;
            outOfOrder += time.plusSeconds(2).isBefore(latest) ? 1 : 0;
            latest = time.isAfter(received(event)) || time.isBefore(latest) ? latest : time;
        }

        assertThat(lines.size() - new HashSet<>(lines).size()).isBetween(10, 30);
        assertThat(ids.size() - new HashSet<>(ids).size()).isBetween(20, 50);
        assertThat(outOfOrder).isBetween(30, 140);
        assertThat(late).isBetween(18, 60);
    }

    @Test
    void hasAliasesNestingCookielessVisitorsAndWrongClocks() {
        List<JsonNode> events = ordinaryEvents();

        assertThat(events).filteredOn(event -> event.has("event_type")).hasSizeGreaterThan(100);
        assertThat(events).filteredOn(event -> event.has("event_data")).hasSizeGreaterThan(100);
        assertThat(events).filteredOn(event -> !event.has("visitor_id")).hasSizeGreaterThan(300);
        assertThat(events).filteredOn(event -> !event.has("event_id")).hasSizeBetween(30, 120);
        assertThat(events)
                .filteredOn(event -> event.has("sent_at"))
                .filteredOn(event -> sent(event).minusSeconds(86_400).isAfter(received(event)))
                .isNotEmpty();
    }

    @Test
    void personalDataIsInventedAndAddressesAreDocumentationOnly() {
        String all = String.join("\n", SampleTraffic.lines());
        Set<String> mailDomains = new TreeSet<>();
        Matcher mail = MAIL.matcher(all);
        while (mail.find()) {
            mailDomains.add(mail.group(1));
        }

        assertThat(mailDomains).containsExactly("example.com", "example.net", "example.org");
        assertThat(all).contains("+1 202 555 0143", "020 7946 0958");
        assertThat(ordinaryEvents())
                .map(event -> event.get("client_ip").asText())
                .allMatch(
                        ip ->
                                ip.startsWith("192.0.2.")
                                        || ip.startsWith("198.51.100.")
                                        || ip.startsWith("203.0.113.")
                                        || ip.startsWith("2001:db8:"));
    }

    @Test
    void everyOddityIsThereOnceAndNamesItsOutcome() {
        List<String> lines = SampleTraffic.lines();
        List<List<String>> oddities = SampleTables.rows("oddities.tsv");
        Set<String> outcomes = new TreeSet<>();
        Set<String> allowed = new TreeSet<>(Set.of("KEPT"));
        Arrays.stream(RejectReason.values()).map(Enum::name).forEach(allowed::add);
        List<String> timeless = new ArrayList<>();
        for (String line : lines) {
            timeless.add(RECEIVED_AT.matcher(line).replaceFirst("\"received_at\":\"@\""));
        }
        for (List<String> oddity : oddities) {
            outcomes.add(oddity.get(0));
            assertThat(timeless).filteredOn(oddity.get(2)::equals).hasSize(1);
        }

        assertThat(oddities).hasSizeBetween(40, 60);
        assertThat(allowed).containsAll(outcomes);
        assertThat(lines)
                .filteredOn(line -> line.getBytes(UTF_8).length > Limits.RECORD_BYTES)
                .hasSize(1);
    }

    @Test
    void docsStateTheCounts() throws IOException {
        String docs = Files.readString(DOCS);

        assertThat(docs).contains(table());
        assertThat(docs.lines()).hasSizeLessThanOrEqualTo(40);
    }

    /** The table of docs/sample.md, counted anew. */
    private String table() {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        Map<String, Set<String>> sessions = new TreeMap<>();
        Map<String, Set<String>> visitors = new TreeMap<>();
        for (JsonNode event : ordinaryEvents()) {
            String tenant = tenant(event);
            Map<String, Integer> of = counts.computeIfAbsent(tenant, name -> new TreeMap<>());
            of.merge(ALL, 1, Integer::sum);
            of.merge(type(event), 1, Integer::sum);
            of.merge(event.has("visitor_id") ? "known" : "cookieless", 1, Integer::sum);
            if (event.has("visitor_id")) {
                sessions.computeIfAbsent(tenant, name -> new HashSet<>())
                        .add(event.get("session_id").asText());
                visitors.computeIfAbsent(tenant, name -> new HashSet<>())
                        .add(event.get("visitor_id").asText());
            }
        }
        StringBuilder table = new StringBuilder();
        for (String tenant : SampleTraffic.tenants()) {
            Map<String, Integer> of = counts.get(tenant);
            table.append("| `").append(tenant).append("` | ").append(of.get(ALL));
            for (String column : List.of("page_view", "page_ping", "purchase", "cookieless")) {
                table.append(" | ").append(of.getOrDefault(column, 0));
            }
            table.append(" | ").append(sessions.get(tenant).size());
            table.append(" | ").append(visitors.get(tenant).size()).append(" |\n");
        }
        return table.toString();
    }

    /** All records, repeats included, but those of oddities.tsv. */
    private List<JsonNode> ordinaryEvents() {
        Set<String> odd = new HashSet<>();
        for (List<String> row : SampleTables.rows("oddities.tsv")) {
            odd.add(row.get(2));
        }
        List<JsonNode> events = new ArrayList<>();
        for (String line : SampleTraffic.lines()) {
            JsonNode event = read(line);
            boolean isOdd =
                    odd.contains(line) || event.path("event_id").asText().startsWith("odd-");
            if (!isOdd && event.has("user_agent")) {
                events.add(event);
            }
        }
        return Collections.unmodifiableList(events);
    }

    private JsonNode read(String line) {
        try {
            return json.readTree(line);
        } catch (JsonProcessingException malformed) {
            return json.missingNode();
        }
    }

    private static String tenant(JsonNode event) {
        return event.path("tenantId").asText(event.path("tenant_id").asText());
    }

    private static String type(JsonNode event) {
        return event.path("evt_type").asText(event.path("event_type").asText());
    }

    private static Instant eventTime(JsonNode event) {
        JsonNode member = event.get(event.has("timestamp") ? "timestamp" : "event_timestamp");
        if (member.isNumber()) {
            return Instant.ofEpochMilli(member.asLong());
        }
        return received(event).minus(Duration.between(Instant.parse(member.asText()), sent(event)));
    }

    private static Instant sent(JsonNode event) {
        return Instant.parse(event.get("sent_at").asText());
    }

    private static Instant received(JsonNode event) {
        return Instant.parse(event.get("received_at").asText());
    }
}
