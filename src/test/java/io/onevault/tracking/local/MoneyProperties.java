package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Orders and refunds of which items tell the value, some also by themselves and some with shipping,
 * told of often and with different values, in several sessions, by people and by robots, and goals
 * that name the orders: items and sessions say the same money, but for the shipping.
 */
@ExtendWith(PostgresExtension.class)
class MoneyProperties {

    private static final int TENANTS = 40;
    private static final String GOAL = "add_payment_info";
    private static final List<String> TYPES =
            List.of(
                    EventType.PURCHASE,
                    EventType.PURCHASE,
                    EventType.REFUND,
                    EventType.PAGE_VIEW,
                    GOAL);
    private static final List<String> MONEY = List.of("revenue", "refunds");
    private static final List<String> CURRENCIES = List.of("EUR", "JPY");

    /** What one tenant's events tell, and what its sessions and its items say then. */
    private record Told(String what, List<String> events, String sessions, String items) {}

    /**
     * Of sessions conversions, revenue and refunds; of items pieces sold and given back, revenue
     * and refunds.
     */
    private static final List<Told> TOLD =
            List.of(
                    new Told(
                            "a negative price", List.of("?: -33.95x1"), "0 0 33.95", "0 1 0 33.95"),
                    new Told(
                            "fewer worth more",
                            List.of("?: 10x5 100x-1"),
                            "0 50 100",
                            "5 1 50 100"),
                    new Told("a value of zero", List.of("0: 10x-1"), "0 0 10", "0 1 0 10"),
                    new Told("a gift", List.of("?: 0x-1"), "0 0 0", "0 1 0 0"),
                    new Told("a cheaper one", List.of("-5: 95x1 100x-1"), "0 0 5", "1 1 95 100"),
                    new Told("a dearer one", List.of("5: 100x1 95x-1"), "1 5 0", "1 1 100 95"),
                    new Told("more worth less", List.of("?: 100x1 1x-2"), "1 100 2", "1 2 100 2"),
                    new Told("no signs", List.of("-5: 5x1"), "0 0 5", "0 1 0 5"),
                    new Told("both signs", List.of("?: -5x-1"), "0 0 5", "0 1 0 5"),
                    new Told("a refund", List.of("refund ?: 10x1 5x-1"), "0 0 15", "0 2 0 15"),
                    new Told("a refund of 0", List.of("refund 0: 10x1"), "0 0 10", "0 1 0 10"),
                    new Told("all off", List.of("0: 30x1"), "1 0 0", "1 0 30 0"),
                    new Told("two", List.of("120:", "100: 100x1"), "1 120 0", "0 0 0 0"),
                    new Told("two lists", List.of("9: 8x1", "7: 7x1"), "1 9 0", "1 0 8 0"),
                    new Told("first 0", List.of("?: 0x1", "50: 50x1"), "1 50 0", "1 0 50 0"),
                    new Told("first all off", List.of("0: 30x1", "9: 9x1"), "1 9 0", "1 0 9 0"));

    @Test
    void anOrderIsWorthWhatItsSignsSay(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        List<EnrichedEvent> events = new ArrayList<>();
        List<String> tenants = new ArrayList<>();
        for (Told told : TOLD) {
            String tenant = "told-" + tenants.size();
            tenants.add(tenant);
            for (String text : told.events()) {
                TestEvents event =
                        TestEvents.event(tenant + "-" + events.size())
                                .tenant(tenant)
                                .session("s")
                                .occurredAt(TestEvents.START.plusSeconds(events.size()));
                events.add(tell(event, text));
            }
        }
        VaultRows.register(database, tenants.toArray(String[]::new));

        LoadedSessions.load(database, events);

        for (Told told : TOLD) {
            JsonNode answer = answer(database, "told-" + TOLD.indexOf(told), false);
            List<JsonNode> items = answer.path("items").valueStream().toList();
            assertThat(sums(List.of(answer), "conversions", "revenue", "refunds"))
                    .as(told.what())
                    .isEqualTo(told.sessions());
            assertThat(sums(items, "quantity", "refunded_quantity", "revenue", "refunds"))
                    .as(told.what())
                    .isEqualTo(told.items());
        }
        VaultRows.assertChecks(database, "orders_count_once", "rollups_add_up", "refunds_told");
    }

    /**
     * @param text value and lines as price and pieces, of a refund or else of an order
     */
    private static EnrichedEvent tell(TestEvents event, String text) {
        boolean refund = text.startsWith("refund ");
        String[] parts = (refund ? text.substring("refund ".length()) : text).split(":");
        BigDecimal value = parts[0].equals("?") ? null : new BigDecimal(parts[0]);
        event.type(refund ? EventType.REFUND : EventType.PURCHASE)
                .purchase(new Purchase("o", value, "EUR"));
        for (String line : parts.length == 1 ? new String[0] : parts[1].strip().split(" ")) {
            String[] amounts = line.split("x");
            event.item(
                    new Item(
                            "sku" + line,
                            null,
                            null,
                            null,
                            null,
                            new BigDecimal(amounts[0]),
                            null,
                            new BigDecimal(amounts[1])));
        }
        TrackerEvent made = event.admitted().event();
        return (made.isSale() ? event.conversion() : event).enriched();
    }

    private static String sums(List<JsonNode> rows, String... measures) {
        List<String> sums = new ArrayList<>();
        for (String measure : measures) {
            BigDecimal sum = BigDecimal.ZERO;
            for (JsonNode row : rows) {
                JsonNode told = row.path(measure);
                JsonNode amount = told.isObject() ? told.path("EUR") : told;
                sum = sum.add(amount.decimalValue());
            }
            sums.add(sum.stripTrailingZeros().toPlainString());
        }
        return String.join(" ", sums);
    }

    @Test
    void itemsAndSessionsNeverContradict(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        List<EnrichedEvent> events = new ArrayList<>();
        List<String> tenants = new ArrayList<>();
        Set<String> exchanges = new HashSet<>();
        for (int tenant = 0; tenant < TENANTS; tenant++) {
            tenants.add("money-" + tenant);
            Random random = new Random(tenant);
            for (int i = 4 + random.nextInt(12); i > 0; i--) {
                EnrichedEvent event = event("money-" + tenant, "e" + i, random);
                events.add(event);
                if (isValuedExchange(event.admitted().event())) {
                    exchanges.add("money-" + tenant);
                }
            }
        }
        Collections.shuffle(events, new Random(1));
        VaultRows.register(database, tenants.toArray(String[]::new));

        LoadedSessions.load(database, events);

        Map<String, BigDecimal> met = new TreeMap<>();
        for (String tenant : tenants) {
            for (boolean withRobots : new boolean[] {false, true}) {
                JsonNode answer = answer(database, tenant, withRobots);
                Map<String, BigDecimal> ofSessions = new TreeMap<>();
                Map<String, BigDecimal> ofItems = new TreeMap<>();
                for (String money : MONEY) {
                    add(money, answer.path(money), ofSessions);
                    answer.path("items").forEach(item -> add(money, item.path(money), ofItems));
                }
                Map<String, BigDecimal> shipping = shipping(events, tenant, withRobots);
                shipping.forEach(
                        (currency, sum) ->
                                ofItems.merge("revenue" + currency, sum, MoneyProperties::sum));
                assertThat(net(ofItems)).as(tenant + withRobots).isEqualTo(net(ofSessions));
                if (!exchanges.contains(tenant)) {
                    assertThat(ofItems).as(tenant + withRobots).isEqualTo(ofSessions);
                }
                ofItems.forEach((key, sum) -> met.merge(key, sum, BigDecimal::add));
                shipping.forEach((of, sum) -> met.merge("shipping" + of, sum, BigDecimal::add));
            }
        }
        assertThat(exchanges).hasSizeBetween(1, TENANTS / 2);
        assertThat(met)
                .containsKeys("revenueEUR", "revenueXXX", "refundsJPY", "refundsXXX")
                .containsKeys("shippingEUR", "shippingXXX");
        VaultRows.assertChecks(
                database, "orders_count_once", "session_of_one_kind", "refunds_told");
    }

    /** Told of by the events that decide, with what their items cost: sessions have both. */
    private static Map<String, BigDecimal> shipping(
            List<EnrichedEvent> events, String tenant, boolean withRobots) {
        List<EnrichedEvent> own = new ArrayList<>(events);
        own.removeIf(event -> !event.admitted().event().tenantBk().equals(tenant));
        own.removeIf(event -> event.device().bot() && !withRobots);
        return new SalesThatCount(own).beyondItems();
    }

    /** Its session knows the difference, its items both sides. */
    private static boolean isValuedExchange(TrackerEvent event) {
        boolean sold = false;
        boolean back = false;
        for (Item item : event.items()) {
            boolean costs = item.paid().signum() != 0;
            sold |= costs && !item.isNegative();
            back |= costs && item.isNegative();
        }
        return event.isTrade() && event.purchase().value() != null && sold && back;
    }

    private static EnrichedEvent event(String tenant, String id, Random random) {
        TestEvents event =
                TestEvents.event(id)
                        .tenant(tenant)
                        .type(TYPES.get(random.nextInt(TYPES.size())))
                        .session("s" + random.nextInt(3))
                        .occurredAt(TestEvents.START.plusSeconds(random.nextInt(5) * 900));
        String order = random.nextInt(4) == 0 ? null : "o-" + random.nextInt(3);
        String type = event.admitted().event().type();
        boolean goal = type.equals(GOAL);
        boolean refund = type.equals(EventType.REFUND);
        String currency = currency(random);
        // Where the event names none, its items may.
        String ofItems = currency == null ? currency(random) : currency;
        boolean valued = random.nextBoolean();
        BigDecimal worth = BigDecimal.ZERO;
        for (int i = random.nextInt(3); i > 0; i--) {
            Item item = item(random, valued ? ofItems : currency(random));
            event.item(item);
            BigDecimal paid = item.paid().abs();
            worth = item.isNegative() && !refund ? worth.subtract(paid) : worth.add(paid);
        }
        if (type.equals(EventType.PURCHASE) && worth.signum() >= 0 && random.nextInt(3) == 0) {
            worth = worth.add(new BigDecimal("4.90"));
        }
        // A goal with a value but no order has money of its own, that no item tells.
        BigDecimal ofGoal = order == null ? null : BigDecimal.valueOf(5);
        BigDecimal ofTrade = valued ? worth : null;
        event.purchase(new Purchase(order, goal ? ofGoal : ofTrade, currency));
        if (random.nextInt(4) == 0) {
            event.bot();
        }
        TrackerEvent made = event.admitted().event();
        return (goal || made.isSale() ? event.conversion() : event).enriched();
    }

    private static Item item(Random random, @Nullable String currency) {
        BigDecimal price =
                random.nextInt(4) == 0 ? null : BigDecimal.valueOf(random.nextInt(500) - 50, 2);
        BigDecimal pieces = random.nextBoolean() ? null : new BigDecimal(random.nextInt(5) - 1);
        String id = "sku-" + random.nextInt(2);
        return new Item(id, null, null, null, null, price, currency, pieces);
    }

    private static @Nullable String currency(Random random) {
        int place = random.nextInt(CURRENCIES.size() + 1);
        return place == CURRENCIES.size() ? null : CURRENCIES.get(place);
    }

    private static JsonNode answer(TestDatabase database, String tenant, boolean withRobots)
            throws Exception {
        return ApiAnswers.data(
                database,
                "api.get_session_analytics(?, ?::jsonb)",
                tenant,
                "{\"from\": \"2026-11-19\", \"to\": \"2026-11-21\", \"breakdowns\": [\"items\"],"
                        + " \"include_bots\": "
                        + withRobots
                        + "}");
    }

    private static void add(String money, JsonNode amounts, Map<String, BigDecimal> sums) {
        amounts.properties()
                .forEach(
                        amount ->
                                sums.merge(
                                        money + amount.getKey(),
                                        amount.getValue().decimalValue().stripTrailingZeros(),
                                        MoneyProperties::sum));
    }

    /** By currency, without what is zero. */
    private static Map<String, BigDecimal> net(Map<String, BigDecimal> sums) {
        Map<String, BigDecimal> net = new TreeMap<>();
        sums.forEach(
                (key, sum) -> {
                    boolean back = key.startsWith("refunds");
                    String currency = key.substring(back ? "refunds".length() : "revenue".length());
                    net.merge(currency, back ? sum.negate() : sum, MoneyProperties::sum);
                });
        net.values().removeIf(sum -> sum.signum() == 0);
        return net;
    }

    private static BigDecimal sum(BigDecimal a, BigDecimal b) {
        return a.add(b).stripTrailingZeros();
    }
}
