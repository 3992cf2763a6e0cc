package io.onevault.tracking.local;

import static io.onevault.tracking.local.ApiAnswers.answer;
import static io.onevault.tracking.local.ApiAnswers.data;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The other read functions against recounts of a generated vault that ends now. */
@ExtendWith(PostgresExtension.class)
class ApiFunctionsTest {

    private static final String ANALYTICS = "api.get_session_analytics(?, ?::jsonb)";
    private static final String FUNNEL = "api.get_funnel(?, ?::jsonb, ?::jsonb)";
    private static final String EVENTS = "api.get_events(?, ?::jsonb)";
    private static final String SESSIONS = "api.get_sessions(?, ?::jsonb)";
    private static final String PERIOD =
            "{\"from\": \"2026-09-01\", \"to\": \"2026-09-25\", \"timezone\": \"Europe/Berlin\"";
    private static final Instant FROM = Instant.parse("2026-08-31T22:00:00Z");
    private static final Instant TO = Instant.parse("2026-09-25T22:00:00Z");
    private static final Comparator<JsonNode> IN_ORDER =
            Comparator.comparing(VaultFacts::at).thenComparing(e -> e.path("hk").asText());

    /** The latest is told later than the one before is loaded. */
    private static final String NAMES =
            """
            INSERT INTO business.business_item_details_s (
                business_item_hk, event_timestamp, load_date, item_name, hash_diff, tenant_hk, record_source)
            SELECT business_item_hk, told::timestamptz, loaded::timestamptz, name, '', tenant_hk, 'test'
            FROM business.business_item_h
            CROSS JOIN (VALUES ('2026-09-20', '2026-09-20', 'Mountain boot'), ('2026-09-02', '2026-09-21', 'Boot'))
                AS versions (told, loaded, name)
            WHERE business_item_bk = 'sku-0'""";

    private static TestDatabase database;
    private static VaultFacts facts;

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, 1_500, 30, Instant.parse("2026-09-28T12:00:00Z"));
        }
        database.execute(NAMES);
        facts = VaultFacts.of(database, "bench");
    }

    private static List<JsonNode> events() {
        return facts.events.stream()
                .filter(e -> !e.path("is_bot").asBoolean())
                .filter(e -> !VaultFacts.at(e).isBefore(FROM) && VaultFacts.at(e).isBefore(TO))
                .sorted(IN_ORDER)
                .toList();
    }

    /** Events of the sessions that began in the period on such a device. */
    private static List<JsonNode> ofSessions(String device) {
        Set<String> sessions =
                facts.sessions.stream()
                        .filter(s -> s.path("device_type").asText().equals(device))
                        .filter(s -> !s.path("is_bot").asBoolean())
                        .filter(
                                s ->
                                        !VaultFacts.at(s).isBefore(FROM)
                                                && VaultFacts.at(s).isBefore(TO))
                        .map(s -> s.path("bk").asText())
                        .collect(Collectors.toSet());
        return facts.events.stream()
                .filter(e -> sessions.contains(e.path("session").asText()))
                .toList();
    }

    private static boolean isType(JsonNode event, String type) {
        return event.path("evt_type").asText().equals(type);
    }

    private static Collection<List<JsonNode>> byVisitor() {
        return byVisitor(events());
    }

    private static Collection<List<JsonNode>> byVisitor(List<JsonNode> events) {
        return events.stream()
                .collect(Collectors.groupingBy(e -> e.path("visitor").asText()))
                .values();
    }

    /**
     * Of each step that a way through the events reaches, the events by which it does, and when
     * that way began; all ways are followed at once.
     */
    private static List<Map<JsonNode, Instant>> ways(
            List<JsonNode> events, List<Predicate<JsonNode>> steps, Duration window) {
        List<Map<JsonNode, Instant>> beginsByStep = new ArrayList<>();
        for (Predicate<JsonNode> step : steps) {
            Map<JsonNode, Instant> begins = new HashMap<>();
            for (JsonNode event : events) {
                Instant at = VaultFacts.at(event);
                Instant begin =
                        beginsByStep.isEmpty()
                                ? at
                                : latestBefore(event, beginsByStep.get(beginsByStep.size() - 1));
                boolean fits = begin != null && !at.isAfter(begin.plus(window));
                if (fits && step.test(event)) {
                    begins.put(event, begin);
                }
            }
            if (begins.isEmpty()) {
                break;
            }
            beginsByStep.add(begins);
        }
        return beginsByStep;
    }

    /** Of the ways that end in another event, not later than this one, the latest beginning. */
    private static Instant latestBefore(JsonNode event, Map<JsonNode, Instant> begins) {
        Instant latest = null;
        for (Map.Entry<JsonNode, Instant> way : begins.entrySet()) {
            boolean before = !VaultFacts.at(way.getKey()).isAfter(VaultFacts.at(event));
            if (before
                    && !way.getKey().equals(event)
                    && (latest == null || way.getValue().isAfter(latest))) {
                latest = way.getValue();
            }
        }
        return latest;
    }

    private static void assertFunnel(
            String steps, String options, List<Predicate<JsonNode>> tests, Duration window)
            throws Exception {
        assertFunnel(steps, options, tests, window, byVisitor());
    }

    private static void assertFunnel(
            String steps,
            String options,
            List<Predicate<JsonNode>> tests,
            Duration window,
            Collection<List<JsonNode>> visitors)
            throws Exception {
        int[] expected = new int[tests.size()];
        for (List<JsonNode> events : visitors) {
            int reached = ways(events, tests, window).size();
            for (int step = 0; step < reached; step++) {
                expected[step]++;
            }
        }

        JsonNode data = data(database, FUNNEL, "bench", steps, options);

        assertThat(expected[expected.length - 1]).isPositive();
        for (int step = 0; step < expected.length; step++) {
            JsonNode actual = data.path("steps").get(step);
            assertThat(actual.path("visitors").asInt())
                    .as("step " + step)
                    .isEqualTo(expected[step]);
            ApiAnswers.assertSame(
                    "rate",
                    actual.path("rate_of_first"),
                    Recount.rate(expected[step], expected[0], 4));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void funnelFollowsVisitorsFromStepToStep(boolean areMany) throws Exception {
        ManyEvents.are(database, areMany);
        assertFunnel(
                """
                [{"evt_type": "page_view"}, {"evt_type": "item_view", "name": "seen"},
                 {"evt_type": "add_to_cart"}]""",
                PERIOD + "}",
                List.of(
                        e -> isType(e, "page_view"),
                        e -> isType(e, "item_view"),
                        e -> isType(e, "add_to_cart")),
                Duration.ofDays(400));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10_000})
    void funnelFollowsVisitorsThroughSessionsThatPass(int few) throws Exception {
        FewSessions.upTo(database, few);
        ManyEvents.are(database, true);
        List<JsonNode> passing =
                ofSessions("mobile").stream()
                        .filter(e -> VaultFacts.at(e).isBefore(TO))
                        .sorted(IN_ORDER)
                        .toList();
        assertFunnel(
                """
                [{"evt_type": "page_view"}, {"evt_type": "item_view"}, {"evt_type": "add_to_cart"}]""",
                PERIOD + ", \"filters\": {\"device\": \"mobile\"}}",
                List.of(
                        e -> isType(e, "page_view"),
                        e -> isType(e, "item_view"),
                        e -> isType(e, "add_to_cart")),
                Duration.ofDays(400),
                byVisitor(passing));
    }

    @Test
    void funnelKnowsPagesItemsAndATimeAllowed() throws Exception {
        Predicate<JsonNode> sku0 =
                e -> {
                    for (JsonNode item : e.path("items")) {
                        if (item.path("item_id").asText().equals("sku-0")) {
                            return true;
                        }
                    }
                    return false;
                };
        assertFunnel(
                """
                [{"page_url": "https://shop.example/p/1*"}, {"page_url": "https://shop.example/p/0"},
                 {"page_url": "https://shop.example/p/0"}, {"item_id": "sku-0"}]""",
                PERIOD + ", \"window_minutes\": 3}",
                List.of(
                        e -> e.path("page").asText().startsWith("https://shop.example/p/1"),
                        e -> e.path("page").asText().equals("https://shop.example/p/0"),
                        e -> e.path("page").asText().equals("https://shop.example/p/0"),
                        sku0),
                Duration.ofMinutes(3));
    }

    @ParameterizedTest
    @CsvSource({"1,reached", "2,reached", "3,reached", "2,left", "3,left"})
    void listsTheSessionsBehindAStep(int step, String outcome) throws Exception {
        List<Predicate<JsonNode>> steps =
                List.of(
                        e -> isType(e, "item_view"),
                        e -> isType(e, "add_to_cart"),
                        e -> isType(e, "purchase"));
        Set<String> expected = new HashSet<>();
        for (List<JsonNode> events : byVisitor()) {
            List<Map<JsonNode, Instant>> ways = ways(events, steps, Duration.ofDays(400));
            boolean isOne = outcome.equals("left") ? ways.size() == step - 1 : ways.size() >= step;
            if (isOne) {
                ways.get(outcome.equals("left") ? step - 2 : step - 1)
                        .keySet()
                        .forEach(event -> expected.add(event.path("session").asText()));
            }
        }

        JsonNode data =
                data(
                        database,
                        SESSIONS,
                        "bench",
                        PERIOD
                                + """
                                , "limit": 1000, "step": %d, "outcome": "%s", "steps":
                                 [{"evt_type": "item_view"}, {"evt_type": "add_to_cart"}, {"evt_type": "purchase"}]}"""
                                        .formatted(step, outcome));

        assertThat(expected).isNotEmpty().hasSizeLessThan(1000);
        assertThat(data.path("sessions").findValuesAsText("session"))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void sessionsComePageByPageEachWithItsEvents() throws Exception {
        List<JsonNode> expected =
                facts.sessions.stream()
                        .filter(s -> !s.path("is_bot").asBoolean())
                        .filter(s -> s.path("device_type").asText().equals("mobile"))
                        .filter(
                                s ->
                                        !VaultFacts.at(s).isBefore(FROM)
                                                && VaultFacts.at(s).isBefore(TO))
                        .sorted(
                                Comparator.comparing(VaultFacts::at)
                                        .thenComparing(s -> s.path("session_hk").asText())
                                        .reversed())
                        .toList();
        List<JsonNode> found = new ArrayList<>();
        String cursor = "";
        do {
            String options =
                    PERIOD
                            + ", \"filters\": {\"device\": \"mobile\"}, \"limit\": 97"
                            + cursor
                            + "}";
            JsonNode data = data(database, SESSIONS, "bench", options);
            data.path("sessions").forEach(found::add);
            JsonNode next = data.path("next_cursor");
            cursor = next.isTextual() ? ", \"cursor\": " + next : null;
        } while (cursor != null);

        assertThat(found)
                .extracting(
                        s -> s.path("session").asText() + s.path("events") + s.path("pageviews"))
                .isEqualTo(
                        expected.stream()
                                .map(
                                        s ->
                                                s.path("bk").asText()
                                                        + s.path("total_events")
                                                        + s.path("page_views"))
                                .toList());
        for (JsonNode session : found.subList(0, 20)) {
            String bk = session.path("session").asText();
            String options =
                    PERIOD + ", \"limit\": 1000, \"filters\": {\"session\": \"" + bk + "\"}}";
            JsonNode events = data(database, EVENTS, "bench", options).path("events");
            assertThat(events.findValuesAsText("event_id"))
                    .containsExactlyInAnyOrderElementsOf(
                            facts.events.stream()
                                    .filter(e -> e.path("session").asText().equals(bk))
                                    .filter(e -> VaultFacts.at(e).isBefore(TO))
                                    .map(e -> e.path("bk").asText())
                                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mobile"})
    void retentionCountsCohortsThatCameAgain(String device) throws Exception {
        String filters = device.isEmpty() ? "" : ", \"filters\": {\"device\": \"" + device + "\"}";
        JsonNode data =
                data(database, "api.get_retention(?, ?::jsonb)", "bench", PERIOD + filters + "}");
        var question =
                new Recount.Question(
                        FROM,
                        TO,
                        ZoneId.of("Europe/Berlin"),
                        "week",
                        session -> session.path("device_type").asText().contains(device),
                        false,
                        1);

        assertThat(Cohorts.told(data)).isEqualTo(Cohorts.of(facts, question));
    }

    @Test
    void eventsComePageByPageWithoutGapsOrRepetitions() throws Exception {
        List<String> expected = new ArrayList<>();
        List<JsonNode> latestFirst = new ArrayList<>(events());
        latestFirst.sort(IN_ORDER.reversed());
        for (JsonNode event : latestFirst) {
            if (isType(event, "add_to_cart")) {
                expected.add(event.path("bk").asText() + ' ' + event.path("session").asText());
            }
        }

        List<String> found = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            String options =
                    PERIOD + ", \"evt_type\": \"add_to_cart\", \"limit\": 37" + cursor + "}";
            JsonNode data = data(database, EVENTS, "bench", options);
            for (JsonNode event : data.path("events")) {
                found.add(event.path("event_id").asText() + ' ' + event.path("session").asText());
            }
            JsonNode next = data.path("next_cursor");
            cursor = next.isTextual() ? ", \"cursor\": " + next : null;
            pages++;
        } while (cursor != null);

        assertThat(pages).isGreaterThan(3);
        assertThat(found).isEqualTo(expected);
    }

    /** By what an item is called now, whatever it was called then. */
    @Test
    void itemsOfEventsHaveTheirNames() throws Exception {
        JsonNode data =
                data(
                        database,
                        EVENTS,
                        "bench",
                        PERIOD + ", \"evt_type\": \"add_to_cart\", \"limit\": 1000}");

        Set<String> names = new HashSet<>();
        for (JsonNode event : data.path("events")) {
            for (JsonNode item : event.path("items")) {
                String name = item.path("item_name").asText("");
                assertThat(name)
                        .isEqualTo(
                                facts.items
                                        .getOrDefault(item.path("item_id").asText(), item)
                                        .path("name")
                                        .asText(""));
                names.add(name);
            }
        }
        assertThat(names).contains("Mountain boot", "").hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mobile"})
    void itemsAreCountedByEventsVisitorsAndPurchases(String device) throws Exception {
        Map<String, ItemCount> expected =
                device.isEmpty()
                        ? ItemCount.of(events())
                        : ItemCount.of(ofSessions(device), facts.events);
        String filters =
                device.isEmpty() ? "" : ", \"filters\": {\"device\": \"%s\"}".formatted(device);

        JsonNode data =
                data(
                        database,
                        "api.get_items(?, ?::jsonb)",
                        "bench",
                        PERIOD + filters + ", \"limit\": 1000, \"order\": \"visitors\"}");

        assertThat(data.path("items")).hasSize(expected.size());
        assertThat(expected.values()).anyMatch(count -> count.refundedQuantity().signum() > 0);
        int before = Integer.MAX_VALUE;
        for (JsonNode item : data.path("items")) {
            ItemCount count = expected.get(item.path("item_id").asText());
            assertThat(item.path("events").asInt()).isEqualTo(count.events());
            assertThat(item.path("visitors").asInt()).isEqualTo(count.visitors());
            assertThat(item.path("purchases").asInt()).isEqualTo(count.purchases());
            assertThat(item.path("quantity").decimalValue()).isEqualByComparingTo(count.quantity());
            for (String type : count.types()) {
                assertThat(item.path("event_types").path(type).asInt())
                        .isEqualTo(count.events(type));
            }
            assertThat(item.path("refunded_quantity").decimalValue())
                    .isEqualByComparingTo(count.refundedQuantity());
            ApiAnswers.assertSame("revenue", item.path("revenue"), Recount.money(count.revenue()));
            ApiAnswers.assertSame("refunds", item.path("refunds"), Recount.money(count.refunds()));
            assertThat(count.visitors()).isLessThanOrEqualTo(before);
            before = count.visitors();
        }
    }

    @Test
    void realtimeCountsTheLastMinutes(TestPostgres postgres) throws Exception {
        TestDatabase live = postgres.vault();
        try (Connection connection = live.connect()) {
            FilledVault.fill(connection, 400, 1, Instant.now());
        }
        ViewsToldAgain.in(live);
        VaultFacts now = VaultFacts.of(live, "bench");

        JsonNode data = data(live, "api.get_realtime(?, ?::integer)", "bench", "600");

        Instant from = Instant.parse(data.path("from").asText());
        Instant to = Instant.parse(data.path("to").asText());
        List<JsonNode> counted =
                now.events.stream()
                        .filter(e -> !e.path("is_bot").asBoolean())
                        .filter(
                                e ->
                                        !VaultFacts.at(e).isBefore(from)
                                                && !VaultFacts.at(e).isAfter(to))
                        .toList();
        Map<String, Integer> types = new TreeMap<>();
        Map<Object, Set<String>> visitors = new HashMap<>();
        for (JsonNode event : counted) {
            types.merge(event.path("evt_type").asText(), 1, Integer::sum);
            long minute = Duration.between(from, VaultFacts.at(event)).toMinutes();
            visitors.computeIfAbsent(minute, m -> new HashSet<>())
                    .add(event.path("visitor").asText());
            visitors.computeIfAbsent("all", m -> new HashSet<>())
                    .add(event.path("visitor").asText());
        }
        assertThat(data.path("events").asInt()).isEqualTo(counted.size()).isPositive();
        long toldAgain =
                counted.stream().filter(e -> now.toldAgain.contains(e.path("hk").asText())).count();
        assertThat(toldAgain).isPositive();
        assertThat(data.path("pageviews").asLong()).isEqualTo(types.get("page_view") - toldAgain);
        assertThat(
                        data.path("series").findValues("pageviews").stream()
                                .mapToLong(JsonNode::asLong)
                                .sum())
                .isEqualTo(data.path("pageviews").asLong());
        assertThat(data.path("visitors").asInt()).isEqualTo(visitors.get("all").size());
        types.forEach(
                (type, number) ->
                        assertThat(data.path("event_types").path(type).asInt()).isEqualTo(number));
        assertThat(data.path("series")).hasSize(600);
        for (int minute = 0; minute < 600; minute++) {
            assertThat(data.path("series").get(minute).path("visitors").asInt())
                    .isEqualTo(visitors.getOrDefault((long) minute, Set.of()).size());
        }

        Map<String, JsonNode> sessions =
                now.sessions.stream().collect(Collectors.toMap(s -> s.path("bk").asText(), s -> s));
        Set<String> buyers =
                now.events.stream()
                        .filter(e -> isType(e, "add_to_cart"))
                        .map(e -> e.path("session").asText())
                        .collect(Collectors.toSet());
        String ofBuyers = "{\"filters\": {\"device\": \"mobile\", \"event\": \"add_to_cart\"}}";
        List<JsonNode> passing =
                counted.stream()
                        .filter(e -> buyers.contains(e.path("session").asText()))
                        .filter(
                                e ->
                                        sessions.get(e.path("session").asText())
                                                .path("device_type")
                                                .asText()
                                                .equals("mobile"))
                        .toList();
        JsonNode filtered =
                data(live, "api.get_realtime(?, ?::integer, ?::jsonb)", "bench", "600", ofBuyers);
        assertThat(passing).hasSizeBetween(1, counted.size() - 1);
        assertThat(filtered.path("events").asInt()).isEqualTo(passing.size());
        assertThat(filtered.path("visitors").asInt())
                .isEqualTo(
                        passing.stream().map(e -> e.path("visitor").asText()).distinct().count());
    }

    @Test
    void comparesWithAsManyDaysBefore() throws Exception {
        JsonNode data =
                data(
                        database,
                        ANALYTICS,
                        "bench",
                        "{\"from\": \"2026-09-20\", \"to\": \"2026-09-22\", \"compare\": true}");
        JsonNode before =
                data(
                        database,
                        ANALYTICS,
                        "bench",
                        "{\"from\": \"2026-09-17\", \"to\": \"2026-09-19\"}");

        JsonNode previous = data.path("previous");
        for (String metric : List.of("visitors", "visits", "bounce_rate", "revenue", "refunds")) {
            ApiAnswers.assertSame(metric, previous.path(metric), before.path(metric));
        }
        int visits = data.path("visits").asInt();
        int visitsBefore = before.path("visits").asInt();
        ApiAnswers.assertSame(
                "change",
                previous.path("change").path("visits"),
                Recount.rate(visits - visitsBefore, visitsBefore, 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"day\": 3} | day",
                "[] | options",
                "{\"days\": 0} | days",
                "{\"days\": \"30\"} | days",
                "{\"days\": 1.5} | days",
                "{\"from\": \"2026-02-30\"} | from",
                "{\"from\": \"yesterday\"} | from",
                "{\"from\": \"2026-09-02\", \"to\": \"2026-09-01\"} | to",
                "{\"to\": \"2026-09-01\"} | from",
                "{\"timezone\": \"Mars/Olympus\"} | timezone",
                "{\"timezone\": \"FOO+3\"} | timezone",
                "{\"timezone\": \"Japan\"} | timezone",
                "{\"timezone\": \"Mars/Olympus+3\"} | timezone",
                "{\"timezone\": 3} | timezone",
                "{\"interval\": \"minute\"} | interval",
                "{\"days\": 200, \"interval\": \"hour\"} | interval",
                "{\"limit\": 1001} | limit",
                "{\"include_bots\": \"yes\"} | include_bots",
                "{\"breakdowns\": [\"colours\"]} | breakdowns",
                "{\"filters\": []} | filters",
                "{\"filters\": {\"colour\": \"red\"}} | filters.colour",
                "{\"filters\": {\"device\": 7}} | filters.device",
                "{\"filters\": {\"device\": []}} | filters.device",
                "{\"filters\": {\"event\": [null]}} | filters.event",
                "{\"filters\": {\"property:\": \"x\"}} | filters.property:",
                "{\"property\": 1} | property"
            })
    void refusesOptionsAndNamesTheField(String options, String field) throws Exception {
        JsonNode answer = answer(database, ANALYTICS, "bench", options);

        assertThat(answer.path("success").asBoolean(true)).isFalse();
        assertThat(answer.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("field").asText()).isEqualTo(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nobody", "bench'; DROP TABLE x; --"})
    void knowsNoOtherTenants(String tenant) throws Exception {
        assertThat(answer(database, ANALYTICS, tenant, "{}").path("error_code").asText())
                .isEqualTo("UNKNOWN_TENANT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "[{\"evt_type\": \"a\"}]",
                "[{\"evt_type\": \"a\"}, {}]",
                "[{\"evt_type\": \"a\"}, {\"evt_type\": 1}]",
                "[{\"evt_type\": \"a\"}, {\"colour\": \"red\", \"evt_type\": \"a\"}]"
            })
    void refusesStepsThatAreNone(String steps) throws Exception {
        JsonNode answer = answer(database, FUNNEL, "bench", steps, "{}");

        assertThat(answer.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("field").asText()).startsWith("steps");
    }

    @Test
    void refusesForeignCursors() throws Exception {
        JsonNode answer = answer(database, EVENTS, "bench", "{\"cursor\": \"1 OR true\"}");

        assertThat(answer.path("field").asText()).isEqualTo("cursor");
    }
}
