package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.local.Recount.Question;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was shown of experiments, counted by hand. */
final class Variants {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int LONGEST = 200;

    private final VaultFacts facts;

    /** When a session was shown variants first, by its key. */
    private final Map<String, Map<String, Instant>> shown = new HashMap<>();

    Variants(VaultFacts facts) {
        this.facts = facts;
        for (JsonNode event : facts.events) {
            String variant = of(event);
            if (variant != null && event.path("session").isTextual()) {
                shown.computeIfAbsent(event.path("session").asText(), bk -> new TreeMap<>())
                        .merge(
                                variant,
                                VaultFacts.at(event),
                                (one, other) -> one.isBefore(other) ? one : other);
            }
        }
    }

    /** The name of a variant that an event says was shown. */
    static @Nullable String of(JsonNode event) {
        String experiment = event.path("properties").path("experiment_id").asText("");
        String variant = event.path("properties").path("variant_id").asText("");
        boolean isNamed =
                !experiment.isEmpty()
                        && experiment.length() <= LONGEST
                        && !variant.isEmpty()
                        && variant.length() <= LONGEST;
        return isNamed && event.path("evt_type").asText().equals("experiment_exposure")
                ? experiment + ':' + variant
                : null;
    }

    /** The breakdown by variants. */
    ArrayNode visits(List<JsonNode> sessions, int limit) {
        Map<String, List<JsonNode>> byVariant = new TreeMap<>();
        for (JsonNode session : sessions) {
            for (String variant : shownIn(session).keySet()) {
                byVariant.computeIfAbsent(variant, v -> new ArrayList<>()).add(session);
            }
        }
        ArrayNode rows = JSON.arrayNode();
        byVariant.entrySet().stream()
                .sorted(Comparator.comparingInt(e -> -e.getValue().size()))
                .limit(limit)
                .forEach(
                        e -> {
                            ObjectNode row = Recount.metrics(e.getValue());
                            row.retain(
                                    "visitors",
                                    "visits",
                                    "pageviews",
                                    "conversions",
                                    "conversion_rate");
                            String[] names = e.getKey().split(":");
                            row.put("experiment", names[0]).put("variant", names[1]);
                            rows.add(row.put("value", e.getKey()));
                        });
        return rows;
    }

    private Map<String, Instant> shownIn(JsonNode session) {
        return shown.getOrDefault(session.path("bk").asText(), Map.of());
    }

    /** Of each variant of an experiment its visitors, those who converted, and conversions. */
    Map<String, List<Integer>> experiment(String experiment, Question q) {
        Map<String, Set<String>> variants = new HashMap<>();
        Map<String, Instant> first = new HashMap<>();
        for (JsonNode session : new Recount(facts).sessions(q)) {
            String visitor = session.path("visitor_hk").asText();
            shownIn(session)
                    .forEach(
                            (variant, at) -> {
                                if (variant.startsWith(experiment + ':')) {
                                    variants.computeIfAbsent(visitor, v -> new HashSet<>())
                                            .add(variant.substring(experiment.length() + 1));
                                    first.merge(visitor, at, (a, b) -> a.isBefore(b) ? a : b);
                                }
                            });
        }
        Map<String, List<Integer>> counts = new TreeMap<>();
        variants.forEach(
                (visitor, told) -> {
                    if (told.size() == 1) {
                        int won = conversions(visitor, first.get(visitor), q);
                        counts.merge(
                                told.iterator().next(),
                                List.of(1, won > 0 ? 1 : 0, won),
                                Variants::sum);
                    }
                });
        return counts;
    }

    private int conversions(String visitor, Instant from, Question q) {
        return facts.sessions.stream()
                .filter(s -> s.path("visitor_hk").asText().equals(visitor))
                .filter(s -> !s.path("is_bot").asBoolean())
                .filter(s -> !VaultFacts.at(s).isBefore(q.from().minus(Duration.ofDays(7))))
                .filter(s -> VaultFacts.at(s).isBefore(q.to()))
                .filter(s -> !end(s).isBefore(from))
                .mapToInt(s -> s.path("conversions").asInt())
                .sum();
    }

    private static Instant end(JsonNode session) {
        return OffsetDateTime.parse(session.path("session_end").asText()).toInstant();
    }

    private static List<Integer> sum(List<Integer> one, List<Integer> other) {
        List<Integer> sums = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            sums.add(one.get(i) + other.get(i));
        }
        return sums;
    }
}
