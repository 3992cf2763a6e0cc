package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Session analytics counted by hand: every metric by its definition in docs/api.md. */
final class Recount {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final Map<String, String> DIMENSIONS =
            Map.of(
                    "entry_pages", "entry_page_url",
                    "exit_pages", "exit_page_url",
                    "channels", "channel",
                    "sources", "source",
                    "campaigns", "utm_campaign",
                    "devices", "device_type",
                    "browsers", "browser",
                    "operating_systems", "os",
                    "countries", "country");

    private static final List<String> NAMED_GOALS =
            List.of("dear", "free", "never", "page", "plan");

    private static final String NAMING =
            """
            SELECT api.change_settings('%s', jsonb_build_object('goal', goal::jsonb))
              FROM unnest(ARRAY['{"name": "dear", "evt_type": "purchase", "min_value": 50}',
                  '{"name": "plan", "property": "plan"}', '{"name": "gone", "evt_type": "scroll"}',
                  '{"name": "free", "property": "plan", "property_value": "free"}',
                  '{"name": "page", "evt_type": "page_view", "page_url": "https://shop.example/p/1*"}',
                  '{"name": "never", "evt_type": "never"}', '{"name": "gone", "remove": true}']) AS goal""";

    /** All that there are. */
    static final List<String> BREAKDOWNS =
            Stream.concat(
                            DIMENSIONS.keySet().stream(),
                            Stream.of(
                                    "top_pages",
                                    "items",
                                    "event_types",
                                    "goals",
                                    "named_goals",
                                    "properties",
                                    "visitor_kinds",
                                    "experiments",
                                    "robots"))
                    .toList();

    private final VaultFacts facts;

    Recount(VaultFacts facts) {
        this.facts = facts;
    }

    /**
     * What is asked for.
     *
     * @param filter null for none
     */
    record Question(
            Instant from,
            Instant to,
            ZoneId zone,
            String unit,
            @Nullable Predicate<JsonNode> filter,
            boolean bots,
            int limit) {

        Question with(Predicate<JsonNode> other) {
            return new Question(from, to, zone, unit, other, true, limit);
        }
    }

    ObjectNode analytics(Question q) {
        List<JsonNode> sessions = sessions(q);
        ObjectNode answer = metrics(sessions);
        answer.put("from", q.from().toString()).put("to", q.to().toString());
        answer.put("timezone", q.zone().getId()).put("interval", q.unit());
        answer.set("series", series(sessions, q));
        DIMENSIONS.forEach((name, field) -> answer.set(name, breakdown(sessions, field, q)));
        List<JsonNode> events = events(sessions, q);
        answer.set("top_pages", topPages(events, q.limit()));
        answer.set("items", items(events, q.limit()));
        List<JsonNode> own = events(sessions, q.with(session -> true));
        answer.set("event_types", byEvents(own, q, e -> List.of(e.path("evt_type").asText())));
        answer.set(
                "properties",
                byEvents(
                        own,
                        q,
                        e -> {
                            List<String> names = new ArrayList<>();
                            e.path("properties").fieldNames().forEachRemaining(names::add);
                            return names;
                        }));
        answer.set("goals", goals(own, q, facts.goals, e -> List.of(e.path("evt_type").asText())));
        answer.set("named_goals", goals(own, q, NAMED_GOALS, Recount::namedGoals));
        answer.set("visitor_kinds", visitorKinds(sessions, q));
        answer.set("robots", robots(q));
        answer.set("experiments", new Variants(facts).visits(sessions, q.limit()));
        return answer;
    }

    List<JsonNode> sessions(Question q) {
        return facts.sessions.stream()
                .filter(s -> within(s, q.from(), q.to()))
                .filter(s -> q.bots() || !s.path("is_bot").asBoolean())
                .filter(s -> q.filter() == null || q.filter().test(s))
                .toList();
    }

    private static ArrayNode visitorKinds(List<JsonNode> sessions, Question q) {
        ArrayNode rows = breakdown(sessions, "visitor_kind", q);
        rows.forEach(
                row -> ((ObjectNode) row).retain("value", "visits", "pageviews", "conversions"));
        return rows;
    }

    /** Events and the sessions that have them, by what each event tells. */
    private static ArrayNode byEvents(
            List<JsonNode> events, Question q, Function<JsonNode, List<String>> told) {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Set<String>> visits = new HashMap<>();
        for (JsonNode event : events) {
            for (String value : told.apply(event)) {
                counts.merge(value, 1, Integer::sum);
                visits.computeIfAbsent(value, v -> new HashSet<>())
                        .add(event.path("session").asText());
            }
        }
        ArrayNode rows = JSON.arrayNode();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(q.limit())
                .forEach(
                        count ->
                                rows.addObject()
                                        .put("value", count.getKey())
                                        .put("events", count.getValue())
                                        .put("visits", visits.get(count.getKey()).size()));
        return rows;
    }

    /** Names the goals that are counted here. */
    static String namedGoalsOf(String tenant) {
        return NAMING.formatted(tenant);
    }

    /** Which of these an event is. */
    static List<String> namedGoals(JsonNode event) {
        String type = event.path("evt_type").asText();
        String plan = event.path("properties").path("plan").asText("null");
        List<String> met = new ArrayList<>();
        Map<String, Boolean> goals =
                Map.of(
                        "dear",
                        type.equals("purchase") && event.path("value").asDouble() >= 50,
                        "plan",
                        !plan.equals("null"),
                        "free",
                        plan.equals("free"),
                        "page",
                        type.equals("page_view")
                                && event.path("page")
                                        .asText()
                                        .startsWith("https://shop.example/p/1"));
        goals.forEach(
                (name, isMet) -> {
                    if (isMet) {
                        met.add(name);
                    }
                });
        return met;
    }

    /** Purchases and the tenant's goals, those as well that never happened. */
    private static ArrayNode goals(
            List<JsonNode> events,
            Question q,
            List<String> goals,
            Function<JsonNode, List<String>> told) {
        ArrayNode rows =
                byEvents(
                        events,
                        q.with(session -> true),
                        e -> told.apply(e).stream().filter(goals::contains).toList());
        List<String> found = rows.findValuesAsText("value");
        goals.stream()
                .sorted()
                .filter(goal -> !found.contains(goal))
                .forEach(
                        goal ->
                                rows.addObject()
                                        .put("value", goal)
                                        .put("events", 0)
                                        .put("visits", 0));
        while (rows.size() > q.limit()) {
            rows.remove(rows.size() - 1);
        }
        return rows;
    }

    private ArrayNode robots(Question q) {
        List<JsonNode> robots =
                facts.sessions.stream()
                        .filter(s -> within(s, q.from(), q.to()))
                        .filter(s -> s.path("is_bot").asBoolean())
                        .filter(s -> q.filter() == null || q.filter().test(s))
                        .toList();
        ArrayNode rows = breakdown(robots, "robot_kind", q);
        rows.forEach(row -> ((ObjectNode) row).retain("value", "visits"));
        return rows;
    }

    private static boolean within(JsonNode row, Instant from, Instant to) {
        Instant at = VaultFacts.at(row);
        return !at.isBefore(from) && at.isBefore(to);
    }

    private List<JsonNode> events(List<JsonNode> sessions, Question q) {
        Set<String> chosen = new HashSet<>();
        sessions.forEach(session -> chosen.add(session.path("bk").asText()));
        return facts.events.stream()
                .filter(e -> q.bots() || !e.path("is_bot").asBoolean())
                .filter(
                        e ->
                                q.filter() == null
                                        ? within(e, q.from(), q.to())
                                        : chosen.contains(e.path("session").asText()))
                .toList();
    }

    static ObjectNode metrics(List<JsonNode> sessions) {
        Set<String> visitors = new HashSet<>();
        long bounceable = 0;
        long bounces = 0;
        long converted = 0;
        for (JsonNode s : sessions) {
            visitors.add(s.path("visitor_hk").asText());
            bounceable += s.path("is_bounce").isBoolean() ? 1 : 0;
            bounces += s.path("is_bounce").asBoolean() ? 1 : 0;
            converted += s.path("conversions").asInt() > 0 ? 1 : 0;
        }
        long views = sum(sessions, "page_views");
        long visits = sessions.size();
        ObjectNode metrics = JSON.objectNode();
        metrics.put("visitors", visitors.size()).put("visits", visits).put("pageviews", views);
        metrics.put("events", sum(sessions, "total_events"));
        metrics.put("conversions", sum(sessions, "conversions"));
        metrics.put("engaged_seconds", sum(sessions, "engaged_seconds"));
        metrics.set("views_per_visit", rate(views, visits, 4));
        metrics.set("bounce_rate", rate(bounces, bounceable, 4));
        metrics.set("visit_duration", rate(sum(sessions, "duration_seconds"), visits, 2));
        metrics.set("engaged_seconds_per_visit", rate(sum(sessions, "engaged_seconds"), visits, 2));
        metrics.set("conversion_rate", rate(converted, visits, 4));
        metrics.set("revenue", money(sessions, "revenue"));
        metrics.set("refunds", money(sessions, "refunds"));
        return metrics;
    }

    private static long sum(List<JsonNode> sessions, String field) {
        return sessions.stream().mapToLong(session -> session.path(field).asLong()).sum();
    }

    static JsonNode rate(long part, long whole, int digits) {
        if (whole == 0) {
            return JSON.nullNode();
        }
        return JSON.numberNode(
                BigDecimal.valueOf(part)
                        .divide(BigDecimal.valueOf(whole), digits, RoundingMode.HALF_UP));
    }

    private static JsonNode money(List<JsonNode> sessions, String field) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        for (JsonNode session : sessions) {
            for (Map.Entry<String, JsonNode> part : session.path(field).properties()) {
                BigDecimal amount = new BigDecimal(part.getValue().asText());
                sums.merge(part.getKey(), amount, BigDecimal::add);
            }
        }
        return money(sums);
    }

    /** Sums by currency, without those of nothing. */
    static ObjectNode money(Map<String, BigDecimal> sums) {
        ObjectNode money = JSON.objectNode();
        sums.forEach(
                (currency, sum) -> {
                    if (sum.signum() != 0) {
                        money.put(currency, sum);
                    }
                });
        return money;
    }

    private static ArrayNode series(List<JsonNode> sessions, Question q) {
        ArrayNode series = JSON.arrayNode();
        List<Instant> starts = starts(q);
        for (int i = 0; i < starts.size(); i++) {
            Instant start = starts.get(i).isBefore(q.from()) ? q.from() : starts.get(i);
            Instant end = i + 1 < starts.size() ? starts.get(i + 1) : q.to();
            ObjectNode part =
                    metrics(sessions.stream().filter(s -> within(s, start, end)).toList());
            part.put("start", start.toString()).put("label", label(starts.get(i), q));
            series.add(part);
        }
        return series;
    }

    private static String label(Instant start, Question q) {
        String pattern = q.unit().equals("hour") ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd";
        return start.atZone(q.zone()).format(DateTimeFormatter.ofPattern(pattern));
    }

    /** The beginnings of the intervals, the first one at or before the period's. */
    static List<Instant> starts(Question q) {
        List<Instant> starts = new ArrayList<>();
        ZonedDateTime first = q.from().atZone(q.zone());
        if (q.unit().equals("hour")) {
            Instant hour = first.truncatedTo(ChronoUnit.HOURS).toInstant();
            for (; hour.isBefore(q.to()); hour = hour.plus(Duration.ofHours(1))) {
                starts.add(hour);
            }
            return starts;
        }
        LocalDateTime day = first.toLocalDate().atStartOfDay();
        switch (q.unit()) {
            case "week" -> day = day.minusDays(day.getDayOfWeek().getValue() - 1L);
            case "month" -> day = day.withDayOfMonth(1);
            default -> {}
        }
        while (day.atZone(q.zone()).toInstant().isBefore(q.to())) {
            starts.add(day.atZone(q.zone()).toInstant());
            day =
                    switch (q.unit()) {
                        case "week" -> day.plusWeeks(1);
                        case "month" -> day.plusMonths(1);
                        default -> day.plusDays(1);
                    };
        }
        return starts;
    }

    private static ArrayNode breakdown(List<JsonNode> sessions, String field, Question q) {
        Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
        for (JsonNode session : sessions) {
            String key = session.path(field).isNull() ? null : session.path(field).asText();
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(session);
        }
        ArrayNode rows = JSON.arrayNode();
        groups.entrySet().stream()
                .sorted(
                        Comparator.<Map.Entry<String, List<JsonNode>>>comparingInt(
                                        e -> -e.getValue().size())
                                .thenComparing(
                                        Map.Entry::getKey,
                                        Comparator.nullsLast(Comparator.naturalOrder())))
                .limit(q.limit())
                .forEach(
                        e -> {
                            ObjectNode row = metrics(e.getValue());
                            row.remove(
                                    List.of(
                                            "visitors",
                                            "events",
                                            "views_per_visit",
                                            "engaged_seconds",
                                            "engaged_seconds_per_visit"));
                            rows.add(row.put("value", e.getKey()));
                        });
        return rows;
    }

    private ArrayNode topPages(List<JsonNode> events, int limit) {
        Map<String, Long> views = new TreeMap<>();
        for (JsonNode event : events) {
            if (event.path("evt_type").asText().equals("page_view")
                    && event.path("page").isTextual()
                    && !facts.toldAgain.contains(event.path("hk").asText())) {
                views.merge(event.path("page").asText(), 1L, Long::sum);
            }
        }
        ArrayNode rows = JSON.arrayNode();
        views.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(limit)
                .forEach(
                        e -> {
                            ObjectNode row = rows.addObject().put("value", e.getKey());
                            row.put("pageviews", e.getValue());
                            row.set(
                                    "title",
                                    facts.titles.getOrDefault(e.getKey(), JSON.nullNode()));
                        });
        return rows;
    }

    private ArrayNode items(List<JsonNode> events, int limit) {
        ArrayNode rows = JSON.arrayNode();
        ItemCount.of(events, facts.events).entrySet().stream()
                .sorted(Comparator.comparingInt(e -> -e.getValue().events()))
                .limit(limit)
                .forEach(
                        e -> {
                            ItemCount count = e.getValue();
                            ObjectNode row = rows.addObject().put("value", e.getKey());
                            row.put("events", count.events()).put("purchases", count.purchases());
                            row.put("quantity", count.quantity());
                            row.put("refunded_quantity", count.refundedQuantity());
                            row.set("revenue", money(count.revenue()));
                            row.set("refunds", money(count.refunds()));
                            row.set("name", described(e.getKey(), "name"));
                        });
        return rows;
    }

    /** All items, by a metric. */
    ArrayNode itemList(Question q, String order) {
        List<ObjectNode> rows = new ArrayList<>();
        ItemCount.of(events(sessions(q), q), facts.events)
                .forEach((id, count) -> rows.add(item(id, count)));
        return sorted(rows, order);
    }

    /**
     * All groups of items, by a metric.
     *
     * @param level how many levels of categories count; null for all
     */
    ArrayNode itemGroups(Question q, String field, @Nullable Integer level, String order) {
        Map<String, ObjectNode> groups = new HashMap<>();
        Map<String, Set<String>> visitors = new HashMap<>();
        ItemCount.of(events(sessions(q), q), facts.events)
                .forEach(
                        (id, count) -> {
                            String value = described(id, field).asText(null);
                            String group =
                                    field.equals("category") ? category(value, level) : value;
                            ObjectNode one = counted(count).put("items", 1);
                            groups.merge(String.valueOf(group), one, Recount::sum)
                                    .put("value", group);
                            visitors.computeIfAbsent(String.valueOf(group), g -> new HashSet<>())
                                    .addAll(count.metBy());
                        });
        groups.forEach((group, row) -> row.put("visitors", visitors.get(group).size()));
        return sorted(groups.values(), order);
    }

    /** The first levels of a category, as answers write it. */
    static @Nullable String category(@Nullable String told, @Nullable Integer level) {
        if (told == null) {
            return null;
        }
        String levels =
                Stream.of(told.split(">"))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .limit(level == null ? Integer.MAX_VALUE : level)
                        .collect(Collectors.joining(" > "));
        return levels.isEmpty() ? null : levels;
    }

    /** Adds up all numbers, also those of inner objects. */
    private static ObjectNode sum(ObjectNode a, ObjectNode b) {
        ObjectNode sum = a.deepCopy();
        b.properties()
                .forEach(
                        member -> {
                            JsonNode other = sum.get(member.getKey());
                            JsonNode value = member.getValue();
                            if (other == null || value.isTextual() || value.isNull()) {
                                sum.set(member.getKey(), value);
                            } else if (value instanceof ObjectNode inner) {
                                sum.set(member.getKey(), sum((ObjectNode) other, inner));
                            } else {
                                sum.put(
                                        member.getKey(),
                                        other.decimalValue().add(value.decimalValue()));
                            }
                        });
        return sum;
    }

    private static ArrayNode sorted(Collection<ObjectNode> rows, String order) {
        List<ObjectNode> sorted = new ArrayList<>(rows);
        sorted.sort(
                Comparator.<ObjectNode>comparingInt(row -> -row.path(order).asInt())
                        .thenComparing(
                                row -> row.path("value").asText(null),
                                Comparator.nullsLast(Comparator.naturalOrder())));
        return JSON.arrayNode().addAll(sorted);
    }

    private JsonNode described(String id, String field) {
        return facts.items.getOrDefault(id, JSON.objectNode().putNull(field)).path(field);
    }

    private ObjectNode item(String id, ItemCount count) {
        ObjectNode row = JSON.objectNode().put("item_id", id);
        for (String told : List.of("name", "type", "category", "brand")) {
            row.set("item_" + told, described(id, told));
        }
        row.putNull("price").putNull("currency");
        return row.setAll(counted(count));
    }

    private ObjectNode counted(ItemCount count) {
        ObjectNode row = JSON.objectNode();
        row.put("events", count.events()).put("visitors", count.visitors());
        ObjectNode types = row.putObject("event_types");
        count.types().forEach(type -> types.put(type, count.events(type)));
        row.put("purchases", count.purchases()).put("quantity", count.quantity());
        row.put("conversions", count.purchases() + goalEvents(count));
        row.put("refunded_quantity", count.refundedQuantity());
        row.set("revenue", money(count.revenue()));
        row.set("refunds", money(count.refunds()));
        return row;
    }

    private int goalEvents(ItemCount count) {
        return count.types().stream()
                .filter(type -> facts.goals.contains(type) && !type.equals("purchase"))
                .mapToInt(count::events)
                .sum();
    }
}
