package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.local.AnalyticsQuestions.Period;
import io.onevault.tracking.local.Recount.Question;
import io.onevault.tracking.migrate.TestDatabase;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Random questions for paths and attribution, asked and recounted from events and sessions. */
final class JourneyQuestions {

    private static final List<String> MODELS =
            List.of("first", "last", "linear", "position", "time_decay");
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final TestDatabase database;
    private final VaultFacts facts;
    private final AnalyticsQuestions drawn;
    private final Random random;
    private final Map<String, List<JsonNode>> eventsBySession;

    JourneyQuestions(
            TestDatabase database, VaultFacts facts, AnalyticsQuestions drawn, Random random) {
        this.database = database;
        this.facts = facts;
        this.drawn = drawn;
        this.random = random;
        this.eventsBySession =
                facts.events.stream()
                        .sorted(VaultFacts.IN_ORDER)
                        .collect(Collectors.groupingBy(e -> e.path("session").asText()));
    }

    /** The sessions of a random period that pass random filters. */
    private List<JsonNode> sessions(Period period) {
        ObjectNode options = period.options();
        boolean bots = random.nextInt(4) == 0;
        options.put("include_bots", bots).put("limit", 1_000);
        Predicate<JsonNode> filter =
                random.nextInt(3) > 0 ? null : drawn.filter(options.putObject("filters"));
        var question =
                new Question(
                        period.from(), period.to(), ZoneOffset.UTC, "day", filter, bots, 1_000);
        return new Recount(facts).sessions(question);
    }

    /** Asks for paths of pages or events, from a point on or up to it. */
    void askForPaths() throws Exception {
        Period period = drawn.period();
        List<JsonNode> sessions = sessions(period);
        boolean ofPages = random.nextBoolean();
        int length = 1 + random.nextInt(6);
        ObjectNode options = period.options().put("of", ofPages ? "pages" : "events");
        options.put("length", length);
        String direction = List.of("", "after", "before").get(random.nextInt(3));
        Predicate<JsonNode> point =
                direction.isEmpty() ? event -> true : point(options.putObject(direction));
        Map<List<String>, int[]> counts = new HashMap<>();
        int[] visits = new int[length + 2];
        for (JsonNode session : sessions) {
            List<JsonNode> own =
                    eventsBySession.getOrDefault(session.path("bk").asText(), List.of());
            List<String> way = way(own, point, direction, ofPages);
            if (!way.isEmpty()) {
                int steps = Math.min(length + 1, way.size());
                visits[steps]++;
                int end = Math.min(length, way.size());
                List<String> near =
                        direction.equals("before")
                                ? way.subList(way.size() - end, way.size())
                                : way.subList(0, end);
                int[] count = counts.computeIfAbsent(near, w -> new int[2]);
                count[0]++;
                count[1] += steps <= length ? 1 : 0;
            }
        }

        JsonNode data = ask("api.get_paths(?, ?::jsonb)", options);

        int all = 0;
        for (int step = length + 1; step > 0; step--) {
            all += visits[step];
            if (step <= length) {
                JsonNode told = data.path("steps").get(step - 1);
                assertThat(told.path("visits").asInt()).as(options + " " + step).isEqualTo(all);
                assertThat(told.path("ended").asInt()).isEqualTo(visits[step]);
            }
        }
        assertThat(data.path("visits").asInt()).isEqualTo(all);
        assertPaths(options, data.path("paths"), counts, all);
    }

    private static void assertPaths(
            ObjectNode options, JsonNode paths, Map<List<String>, int[]> counts, int all) {
        TreeSet<String> expected = new TreeSet<>();
        counts.forEach(
                (way, count) ->
                        expected.add(
                                way
                                        + " "
                                        + count[0]
                                        + " "
                                        + count[1]
                                        + " "
                                        + Recount.rate(count[0], all, 4)
                                                .decimalValue()
                                                .stripTrailingZeros()));
        TreeSet<String> told = new TreeSet<>();
        int before = Integer.MAX_VALUE;
        for (JsonNode path : paths) {
            List<String> way = new ArrayList<>();
            path.path("path").forEach(step -> way.add(step.asText()));
            told.add(
                    way
                            + " "
                            + path.path("visits")
                            + " "
                            + path.path("ended")
                            + " "
                            + path.path("rate").decimalValue().stripTrailingZeros());
            assertThat(path.path("visits").asInt()).isLessThanOrEqualTo(before);
            before = path.path("visits").asInt();
        }
        assertThat(told).as(options.toString()).isEqualTo(expected);
    }

    private JsonNode ask(String call, ObjectNode options) throws Exception {
        return ApiAnswers.data(database, call, facts.tenant, options.toString());
    }

    /** A type, a page, all pages that begin alike, an item, or two of these. */
    private Predicate<JsonNode> point(ObjectNode asked) {
        JsonNode event = facts.events.get(random.nextInt(facts.events.size()));
        Predicate<JsonNode> fits = e -> true;
        String item = event.path("items").path(0).path("item_id").asText();
        if (!item.isEmpty() && random.nextBoolean()) {
            asked.put("item_id", item);
            fits = e -> e.path("items").findValuesAsText("item_id").contains(item);
        } else if (event.path("page").isTextual() && random.nextBoolean()) {
            String page = event.path("page").asText();
            String start = page.substring(0, page.length() - random.nextInt(2));
            boolean exact = start.equals(page) && random.nextBoolean();
            asked.put("page_url", exact ? page : start + "*");
            fits =
                    exact
                            ? e -> e.path("page").asText().equals(page)
                            : e -> e.path("page").asText().startsWith(start);
        }
        if (asked.isEmpty() || random.nextInt(3) == 0) {
            asked.set("evt_type", event.path("evt_type"));
            fits = fits.and(e -> e.path("evt_type").equals(event.path("evt_type")));
        }
        return fits;
    }

    /** Pages or types one after the other, from the first event that fits on or up to it. */
    private static List<String> way(
            List<JsonNode> events, Predicate<JsonNode> point, String direction, boolean ofPages) {
        int at = 0;
        while (at < events.size() && !point.test(events.get(at))) {
            at++;
        }
        if (at == events.size()) {
            return List.of();
        }
        List<String> way = new ArrayList<>();
        for (JsonNode event :
                direction.equals("before")
                        ? events.subList(0, at + 1)
                        : events.subList(at, events.size())) {
            String type = event.path("evt_type").asText();
            boolean counts =
                    ofPages
                            ? type.equals("page_view") && event.path("page").isTextual()
                            : !type.equals("page_ping");
            String name = ofPages ? event.path("page").asText() : type;
            if (counts && (way.isEmpty() || !way.get(way.size() - 1).equals(name))) {
                way.add(name);
            }
        }
        return way;
    }

    /** Asks what conversions are due to. */
    void askForAttribution() throws Exception {
        Period period = drawn.period();
        List<JsonNode> converted =
                sessions(period).stream().filter(s -> s.path("conversions").asInt() > 0).toList();
        int lookback = 1 + random.nextInt(40);
        int halfLife = 1 + random.nextInt(20);
        ObjectNode options = period.options().put("lookback_days", lookback);
        options.put("half_life_days", halfLife);
        Map<String, Map<String, double[]>> expected =
                new TreeMap<>(Map.of("channels", new TreeMap<>(), "campaigns", new TreeMap<>()));
        for (JsonNode session : converted) {
            List<JsonNode> touches = touches(session, lookback);
            for (int model = 0; model < MODELS.size(); model++) {
                double[] shares = shares(MODELS.get(model), session, touches, halfLife);
                for (int i = 0; i < shares.length; i++) {
                    credit(expected.get("channels"), touches.get(i).path("channel"), model)
                            .add(shares[i], session);
                    credit(expected.get("campaigns"), touches.get(i).path("utm_campaign"), model)
                            .add(shares[i], session);
                }
            }
        }

        JsonNode data = ask("api.get_attribution(?, ?::jsonb)", options);

        assertThat(data.path("conversions").asInt())
                .isEqualTo(converted.stream().mapToInt(s -> s.path("conversions").asInt()).sum());
        expected.forEach(
                (dimension, values) -> assertCredits(options, data.path(dimension), values));
    }

    /** Of a value conversions and revenue in euros by each model. */
    private record Credit(double[] sums, int model) {

        void add(double share, JsonNode session) {
            sums[2 * model] += share * session.path("conversions").asInt();
            sums[2 * model + 1] += share * session.path("revenue").path("EUR").asDouble();
        }
    }

    private static Credit credit(Map<String, double[]> values, JsonNode value, int model) {
        double[] sums =
                values.computeIfAbsent(value.toString(), v -> new double[2 * MODELS.size()]);
        return new Credit(sums, model);
    }

    private static void assertCredits(
            ObjectNode options, JsonNode rows, Map<String, double[]> expected) {
        assertThat(rows).as(options.toString()).hasSize(expected.size());
        for (JsonNode row : rows) {
            double[] sums = expected.get(row.path("value").toString());
            for (int model = 0; model < MODELS.size(); model++) {
                JsonNode told = row.path(MODELS.get(model));
                assertThat(told.path("conversions").asDouble())
                        .as(options + " " + row)
                        .isCloseTo(sums[2 * model], within(0.0001));
                assertThat(told.path("revenue").path("EUR").asDouble())
                        .isCloseTo(sums[2 * model + 1], within(0.0001));
            }
        }
    }

    private List<JsonNode> touches(JsonNode session, int lookback) {
        long at = session.path("micros").asLong();
        Comparator<JsonNode> inOrder =
                Comparator.<JsonNode>comparingLong(s -> s.path("micros").asLong())
                        .thenComparing(s -> s.path("session_hk").asText());
        return facts.sessions.stream()
                .filter(s -> s.path("visitor_hk").equals(session.path("visitor_hk")))
                .filter(s -> s.path("is_bot").equals(session.path("is_bot")))
                .filter(s -> s.path("micros").asLong() >= at - lookback * MICROS_PER_DAY)
                .filter(s -> inOrder.compare(s, session) <= 0)
                .sorted(inOrder)
                .toList();
    }

    private static double[] shares(
            String model, JsonNode session, List<JsonNode> touches, int halfLife) {
        int n = touches.size();
        double[] shares = new double[n];
        for (int i = 0; i < n; i++) {
            boolean isOuter = i == 0 || i == n - 1;
            double age =
                    session.path("micros").asDouble() - touches.get(i).path("micros").asDouble();
            shares[i] =
                    switch (model) {
                        case "first" -> i == 0 ? 1 : 0;
                        case "last" -> i == n - 1 ? 1 : 0;
                        case "linear" -> 1;
                        case "position" -> n <= 2 ? 1 : isOuter ? 0.4 : 0.2 / (n - 2);
                        default -> Math.pow(0.5, age / MICROS_PER_DAY / halfLife);
                    };
        }
        double sum = 0;
        for (double share : shares) {
            sum += share;
        }
        for (int i = 0; i < n; i++) {
            shares[i] /= sum;
        }
        return shares;
    }
}
