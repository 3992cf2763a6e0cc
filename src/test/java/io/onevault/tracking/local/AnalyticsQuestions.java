package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.local.Recount.Question;
import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Random questions to session analytics within a span of time, asked and recounted. */
final class AnalyticsQuestions {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALL = "api.get_session_analytics(?, ?::jsonb)";
    private static final long SECONDS_PER_DAY = 86_400;

    /** Half and quarter hours among them, and one whose clock changes by half an hour. */
    private static final List<String> ZONES =
            List.of(
                    "UTC",
                    "Europe/Berlin",
                    "America/New_York",
                    "Asia/Kolkata",
                    "Asia/Kathmandu",
                    "Australia/Adelaide",
                    "Pacific/Auckland");

    private static final Map<String, String> FIELDS =
            Map.ofEntries(
                    Map.entry("device", "device_type"),
                    Map.entry("browser", "browser"),
                    Map.entry("os", "os"),
                    Map.entry("visitor_kind", "visitor_kind"),
                    Map.entry("channel", "channel"),
                    Map.entry("utm_source", "utm_source"),
                    Map.entry("utm_medium", "utm_medium"),
                    Map.entry("utm_campaign", "utm_campaign"),
                    Map.entry("utm_term", "utm_term"),
                    Map.entry("utm_content", "utm_content"),
                    Map.entry("entry_page", "entry_page_url"),
                    Map.entry("exit_page", "exit_page_url"),
                    Map.entry("referrer", "referrer_host"),
                    Map.entry("language", "language"),
                    Map.entry("country", "country"));

    private final TestDatabase database;
    private final VaultFacts facts;
    private final Instant first;
    private final int days;
    private final Random random;

    AnalyticsQuestions(
            TestDatabase database, VaultFacts facts, Instant first, int days, Random random) {
        this.database = database;
        this.facts = facts;
        this.first = first;
        this.days = days;
        this.random = random;
    }

    /**
     * A span of time, and options that ask for it.
     *
     * @param options may be added to
     */
    record Period(ObjectNode options, Instant from, Instant to) {}

    /** Asks by days in a time zone. */
    void askByDays(boolean filtered) throws Exception {
        ask(periodOfDays(), filtered);
    }

    /** Asks by instants, sometimes odd ones. */
    void askByInstants(boolean filtered) throws Exception {
        ask(periodOfInstants(), filtered);
    }

    Period period() {
        return random.nextBoolean() ? periodOfDays() : periodOfInstants();
    }

    private Period periodOfDays() {
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        var from = first.atZone(zone).toLocalDate().plusDays(random.nextInt(days));
        var to = from.plusDays(random.nextInt(days));
        ObjectNode options = options(zone).put("from", from.toString()).put("to", to.toString());
        return new Period(
                options,
                from.atStartOfDay(zone).toInstant(),
                to.plusDays(1).atStartOfDay(zone).toInstant());
    }

    private Period periodOfInstants() {
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        long grain = random.nextBoolean() ? 900 : 1;
        Instant from = first.plusSeconds(random.nextLong(days * SECONDS_PER_DAY) / grain * grain);
        Instant to = from.plusSeconds((1 + random.nextLong(20 * SECONDS_PER_DAY) / grain) * grain);
        ObjectNode options = options(zone).put("from", from.toString()).put("to", to.toString());
        return new Period(options, from, to);
    }

    private static ObjectNode options(ZoneId zone) {
        return JSON.createObjectNode().put("timezone", zone.getId());
    }

    private void ask(Period period, boolean filtered) throws Exception {
        ObjectNode options = period.options();
        String unit = List.of("hour", "day", "week", "month").get(random.nextInt(4));
        options.put("interval", unit);
        boolean bots = random.nextInt(4) == 0;
        int limit = 1 + random.nextInt(30);
        options.put("include_bots", bots).put("limit", limit);
        List<String> breakdowns = random.nextBoolean() ? Recount.BREAKDOWNS : someBreakdowns();
        breakdowns.forEach(options.putArray("breakdowns")::add);
        Predicate<JsonNode> filter = filtered ? filter(options.putObject("filters")) : null;
        ZoneId zone = ZoneId.of(options.path("timezone").asText());
        var question = new Question(period.from(), period.to(), zone, unit, filter, bots, limit);
        JsonNode data = ApiAnswers.data(database, CALL, facts.tenant, options.toString());
        ObjectNode recounted = new Recount(facts).analytics(question);
        Recount.BREAKDOWNS.stream()
                .filter(name -> !breakdowns.contains(name))
                .forEach(recounted::remove);
        ApiAnswers.assertSame(options.toString(), data, recounted);
    }

    /** Of those that sessions, pages and items have. */
    private List<String> someBreakdowns() {
        List<String> usual =
                List.of("devices", "sources", "countries", "entry_pages", "top_pages", "items");
        return usual.subList(random.nextInt(3), 3 + random.nextInt(4));
    }

    /** Asks for items by days or instants. */
    void askForItems(boolean filtered) throws Exception {
        Period period = period();
        askForItems(period, filtered, "items", Recount::itemList);
    }

    /** Asks for categories, of some levels or all, brands or types. */
    void askForGroupsOfItems(boolean filtered) throws Exception {
        Period period = period();
        String field = List.of("category", "category", "brand", "type").get(random.nextInt(4));
        period.options().put("group", field);
        Integer level =
                field.equals("category") && random.nextBoolean() ? 1 + random.nextInt(3) : null;
        if (level != null) {
            period.options().put("level", level);
        }
        askForItems(
                period,
                filtered,
                "groups",
                (recount, question, order) -> recount.itemGroups(question, field, level, order));
    }

    private interface RecountOfItems {

        ArrayNode rows(Recount recount, Question question, String order);
    }

    private void askForItems(
            Period period, boolean filtered, String member, RecountOfItems recounted)
            throws Exception {
        ObjectNode options = period.options();
        boolean bots = random.nextInt(4) == 0;
        options.put("include_bots", bots).put("limit", 1_000);
        List<String> orders = List.of("events", "visitors", "purchases", "conversions");
        String order = orders.get(random.nextInt(4));
        options.put("order", order);
        Predicate<JsonNode> filter = filtered ? filter(options.putObject("filters")) : null;
        ZoneId zone = ZoneId.of(options.path("timezone").asText());
        var question = new Question(period.from(), period.to(), zone, "day", filter, bots, 1_000);
        JsonNode data =
                ApiAnswers.data(
                        database, "api.get_items(?, ?::jsonb)", facts.tenant, options.toString());
        ApiAnswers.assertSame(
                options.toString(),
                data.path(member),
                recounted.rows(new Recount(facts), question, order));
    }

    /** Asks for retention, of a tenant with that time zone or another one. */
    void askForRetention() throws Exception {
        Period period = period();
        ObjectNode options = period.options();
        ZoneId zone = ZoneId.of(options.path("timezone").asText());
        inTimeZone(random.nextInt(3) == 0 ? "America/Halifax" : zone.getId());
        long length = Duration.between(period.from(), period.to()).toDays();
        List<String> units = List.of("day", "week", "month");
        String unit = units.get(length > 98 ? 2 : random.nextInt(3));
        options.put("interval", unit);
        Predicate<JsonNode> filter =
                random.nextInt(4) == 0 ? filter(options.putObject("filters")) : null;
        var question = new Question(period.from(), period.to(), zone, unit, filter, false, 1);
        JsonNode data =
                ApiAnswers.data(
                        database,
                        "api.get_retention(?, ?::jsonb)",
                        facts.tenant,
                        options.toString());
        assertThat(Cohorts.told(data))
                .as(options.toString())
                .isEqualTo(Cohorts.of(facts, question));
    }

    void askForAnExperiment() throws Exception {
        Period period = period();
        ObjectNode options = period.options().put("experiment", "checkout");
        ZoneId zone = ZoneId.of(options.path("timezone").asText());
        var question = new Question(period.from(), period.to(), zone, "day", null, false, 1);
        JsonNode data =
                ApiAnswers.data(
                        database,
                        "api.get_experiment(?, ?::jsonb)",
                        facts.tenant,
                        options.toString());
        Map<String, List<Integer>> told = new TreeMap<>();
        for (JsonNode row : data.path("variants")) {
            told.put(
                    row.path("variant").asText(),
                    List.of(
                            row.path("visitors").asInt(),
                            row.path("converted").asInt(),
                            row.path("conversions").asInt()));
        }
        assertThat(told)
                .as(options.toString())
                .isEqualTo(new Variants(facts).experiment("checkout", question));
    }

    /** As the loader finds it when it writes sessions next. */
    private void inTimeZone(String zone) throws SQLException {
        String tenant = "util.hash_binary('" + facts.tenant + "')";
        database.execute(
                "UPDATE auth.tenant_site_tracking_s SET time_zone = '"
                        + zone
                        + "' WHERE tenant_hk = "
                        + tenant);
        database.execute("SELECT business.site_hold_cohort_zones(ARRAY[" + tenant + "])");
    }

    /** One or two fields with values that occur, null among them. */
    Predicate<JsonNode> filter(ObjectNode filters) {
        Predicate<JsonNode> all = session -> true;
        List<String> names = new ArrayList<>(FIELDS.keySet());
        names.sort(null);
        for (int i = 0; i <= random.nextInt(2); i++) {
            String name = names.remove(random.nextInt(names.size()));
            String field = FIELDS.get(name);
            JsonNode one = facts.sessions.get(random.nextInt(facts.sessions.size())).path(field);
            JsonNode other = facts.sessions.get(random.nextInt(facts.sessions.size())).path(field);
            filters.set(name, random.nextBoolean() ? one : filters.arrayNode().add(one).add(other));
            @Nullable JsonNode asked = filters.get(name);
            all = all.and(session -> passes(session.path(field), asked));
        }
        return random.nextBoolean() ? all : all.and(eventFilter(filters));
    }

    /** By what an event of the sessions tells. */
    private Predicate<JsonNode> eventFilter(ObjectNode filters) {
        JsonNode event = facts.events.get(random.nextInt(facts.events.size()));
        String item = event.path("items").path(0).path("item_id").asText();
        Predicate<JsonNode> met = e -> e.path("evt_type").equals(event.path("evt_type"));
        String variant = Variants.of(event);
        List<String> goals = Recount.namedGoals(event);
        if (!goals.isEmpty() && random.nextBoolean()) {
            String goal = Collections.min(goals);
            filters.putArray("goal").add(goal).add("no such goal");
            met = e -> Recount.namedGoals(e).contains(goal);
        } else if (variant != null) {
            filters.putArray("experiment").add(variant).add("no such:variant");
            met = e -> variant.equals(Variants.of(e));
        } else if (event.path("properties").path("plan").isTextual()) {
            String plan = event.path("properties").path("plan").asText();
            filters.put("property:plan", plan);
            met = e -> e.path("properties").path("plan").asText().equals(plan);
        } else if (facts.items.containsKey(item) && random.nextBoolean()) {
            met = describedFilter(filters, facts.items.get(item));
        } else if (!item.isEmpty()) {
            filters.putArray("item").add(item).add("no such item");
            met = e -> e.path("items").findValuesAsText("item_id").contains(item);
        } else if (event.path("page").isTextual() && random.nextBoolean()) {
            filters.set("page", event.path("page"));
            met =
                    e ->
                            e.path("page").equals(event.path("page"))
                                    && e.path("evt_type").asText().equals("page_view");
        } else {
            filters.set("event", event.path("evt_type"));
        }
        Set<String> sessions =
                facts.events.stream()
                        .filter(met)
                        .map(e -> e.path("session").asText())
                        .collect(Collectors.toSet());
        return session -> sessions.contains(session.path("bk").asText());
    }

    /** By what the items of an event are; a category includes those below. */
    private Predicate<JsonNode> describedFilter(ObjectNode filters, JsonNode item) {
        String category =
                Recount.category(item.path("category").asText(null), 1 + random.nextInt(2));
        if (category == null) {
            filters.set("item_type", item.path("type"));
            return anItemIs(other -> other.path("type").equals(item.path("type")));
        }
        filters.put("item_category", category.replace(" > ", ">"));
        return anItemIs(
                other -> {
                    String told = Recount.category(other.path("category").asText(null), null);
                    return told != null && (told + " > ").startsWith(category + " > ");
                });
    }

    private Predicate<JsonNode> anItemIs(Predicate<JsonNode> described) {
        return event ->
                event.path("items").findValuesAsText("item_id").stream()
                        .map(facts.items::get)
                        .anyMatch(item -> item != null && described.test(item));
    }

    private static boolean passes(JsonNode value, JsonNode asked) {
        if (!asked.isArray()) {
            // A null option is no option.
            return asked.isNull() || value.equals(asked);
        }
        return value.equals(asked.get(0)) || value.equals(asked.get(1));
    }
}
