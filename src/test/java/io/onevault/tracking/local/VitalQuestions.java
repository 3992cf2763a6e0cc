package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.local.AnalyticsQuestions.Period;
import io.onevault.tracking.migrate.TestDatabase;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** Asks how fast pages were, and recounts it value by value. */
final class VitalQuestions {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Units of one, and up to how many of them a measure is good and not poor. */
    private record Measure(int units, long good, long poor) {}

    private static final Map<String, Measure> MEASURES =
            new TreeMap<>(
                    Map.of(
                            "lcp", new Measure(1, 2_500, 4_000),
                            "inp", new Measure(1, 200, 500),
                            "cls", new Measure(10_000, 1_000, 2_500),
                            "ttfb", new Measure(1, 800, 1_800)));

    /** One by one, as docs/api.md tells them. */
    private static final NavigableSet<Long> ENDS = ends();

    private final TestDatabase database;
    private final VaultFacts facts;
    private final Random random;

    private static NavigableSet<Long> ends() {
        TreeSet<Long> ends = new TreeSet<>();
        for (long end = 0; end < 100; end++) {
            ends.add(end);
        }
        for (long hundredth = 1; hundredth <= 100_000; hundredth *= 10) {
            for (long end = 100; end < 1_000; end += end < 200 ? 2 : end < 500 ? 5 : 10) {
                ends.add(end * hundredth);
            }
        }
        return Collections.unmodifiableNavigableSet(ends);
    }

    VitalQuestions(TestDatabase database, VaultFacts facts, Random random) {
        this.database = database;
        this.facts = facts;
        this.random = random;
    }

    /** How many values were counted for the answer. */
    int ask(Period period) throws Exception {
        List<JsonNode> told = new ArrayList<>();
        for (JsonNode event : facts.events) {
            if (event.path("evt_type").asText().equals("web_vitals")
                    && event.path("page").isTextual()
                    && !event.path("is_bot").asBoolean()
                    && !facts.speedToldLater.contains(event.path("hk").asText())
                    && !VaultFacts.at(event).isBefore(period.from())
                    && VaultFacts.at(event).isBefore(period.to())) {
                told.add(event);
            }
        }
        boolean byDevices = random.nextBoolean();
        ObjectNode options = period.options().put("by", byDevices ? "devices" : "pages");
        keepOne(told, "device", "device", options);
        keepOne(told, "page", "page_url", options);
        options.put("limit", 1_000);
        ObjectNode expected = JSON.createObjectNode();
        expected.set("measures", measures(told));
        expected.set("rows", rows(told, byDevices ? "device" : "page"));

        ObjectNode answer =
                (ObjectNode)
                        ApiAnswers.data(
                                database,
                                "api.get_web_vitals(?, ?::jsonb)",
                                facts.tenant,
                                options.toString());

        answer.remove(List.of("from", "to", "timezone"));
        ApiAnswers.assertSame(options.toString(), answer, expected);
        return values(told, "lcp").size();
    }

    /** Sometimes one device or page alone. */
    private void keepOne(List<JsonNode> told, String member, String option, ObjectNode options) {
        if (!told.isEmpty() && random.nextInt(4) == 0) {
            JsonNode one = told.get(random.nextInt(told.size())).path(member);
            options.set(option, one);
            told.removeIf(event -> !event.path(member).equals(one));
        }
    }

    private static ArrayNode rows(List<JsonNode> told, String by) {
        Map<String, List<JsonNode>> parts = new TreeMap<>();
        for (JsonNode event : told) {
            parts.computeIfAbsent(event.path(by).asText(), part -> new ArrayList<>()).add(event);
        }
        Comparator<Map.Entry<String, List<JsonNode>>> most =
                Comparator.comparing(
                        part ->
                                -MEASURES.keySet().stream()
                                        .mapToInt(
                                                measure -> values(part.getValue(), measure).size())
                                        .sum());
        ArrayNode rows = JSON.createArrayNode();
        parts.entrySet().stream()
                .filter(
                        part ->
                                MEASURES.keySet().stream()
                                        .anyMatch(of -> !values(part.getValue(), of).isEmpty()))
                .sorted(most.thenComparing(Map.Entry.comparingByKey()))
                .forEach(part -> rows.add(measures(part.getValue()).put("value", part.getKey())));
        return rows;
    }

    private static ObjectNode measures(List<JsonNode> told) {
        ObjectNode measures = JSON.createObjectNode();
        for (String measure : MEASURES.keySet()) {
            measures.set(measure, measure(values(told, measure), MEASURES.get(measure)));
        }
        return measures;
    }

    /** In units, sorted. */
    private static List<Long> values(List<JsonNode> told, String measure) {
        List<Long> values = new ArrayList<>();
        for (JsonNode event : told) {
            JsonNode value = event.path("properties").path(measure);
            BigDecimal units =
                    value.isNumber()
                            ? new BigDecimal(value.asText())
                                    .multiply(BigDecimal.valueOf(MEASURES.get(measure).units()))
                            : BigDecimal.valueOf(-1);
            if (units.signum() >= 0 && units.compareTo(BigDecimal.valueOf(10_000_000)) <= 0) {
                values.add(units.setScale(0, RoundingMode.CEILING).longValueExact());
            }
        }
        values.sort(null);
        return values;
    }

    private static JsonNode measure(List<Long> values, Measure measure) {
        if (values.isEmpty()) {
            return JSON.nullNode();
        }
        long exact = values.get((values.size() * 3 + 3) / 4 - 1);
        long good = values.stream().filter(value -> value <= measure.good()).count();
        long poor = values.stream().filter(value -> value > measure.poor()).count();
        String rating =
                exact <= measure.good()
                        ? "good"
                        : exact <= measure.poor() ? "needs_improvement" : "poor";
        BigDecimal p75 =
                BigDecimal.valueOf(ENDS.ceiling(exact)).divide(BigDecimal.valueOf(measure.units()));
        ObjectNode told = JSON.createObjectNode();
        told.put("views", values.size()).put("p75", p75).put("rating", rating);
        told.set("good", Recount.rate(good, values.size(), 4));
        told.set("needs_improvement", Recount.rate(values.size() - good - poor, values.size(), 4));
        told.set("poor", Recount.rate(poor, values.size(), 4));
        return told;
    }
}
