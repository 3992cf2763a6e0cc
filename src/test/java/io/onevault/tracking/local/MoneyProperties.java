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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Orders and refunds of which only items tell the value, told of often, in several sessions, by
 * people and by robots, and goals that name the orders: items and sessions say the same money.
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
    private static final List<String> CURRENCIES = List.of("EUR", "JPY");

    @Test
    void itemsAndSessionsNeverContradict(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        List<EnrichedEvent> events = new ArrayList<>();
        List<String> tenants = new ArrayList<>();
        for (int tenant = 0; tenant < TENANTS; tenant++) {
            tenants.add("money-" + tenant);
            Random random = new Random(tenant);
            for (int i = 4 + random.nextInt(12); i > 0; i--) {
                events.add(event("money-" + tenant, "e" + i, random));
            }
        }
        Collections.shuffle(events, new Random(1));
        VaultRows.register(database, tenants.toArray(String[]::new));

        LoadedSessions.load(database, events);

        Map<String, BigDecimal> met = new TreeMap<>();
        for (String tenant : tenants) {
            for (boolean withRobots : new boolean[] {false, true}) {
                JsonNode answer = answer(database, tenant, withRobots);
                for (String money : List.of("revenue", "refunds")) {
                    Map<String, BigDecimal> ofSessions = new TreeMap<>();
                    add(answer.path(money), ofSessions);
                    Map<String, BigDecimal> ofItems = new TreeMap<>();
                    answer.path("items").forEach(item -> add(item.path(money), ofItems));
                    assertThat(ofItems).as(tenant + withRobots + money).isEqualTo(ofSessions);
                    ofItems.forEach((key, sum) -> met.merge(money + key, sum, BigDecimal::add));
                }
            }
        }
        assertThat(met).containsKeys("revenueEUR", "revenueXXX", "refundsJPY", "refundsXXX");
        VaultRows.assertChecks(
                database, "orders_count_once", "session_of_one_kind", "refunds_told");
    }

    private static EnrichedEvent event(String tenant, String id, Random random) {
        TestEvents event =
                TestEvents.event(id)
                        .tenant(tenant)
                        .type(TYPES.get(random.nextInt(TYPES.size())))
                        .session("s" + random.nextInt(3))
                        .occurredAt(TestEvents.START.plusSeconds(random.nextInt(5) * 900));
        String order = random.nextInt(4) == 0 ? null : "o-" + random.nextInt(3);
        boolean goal = event.admitted().event().type().equals(GOAL);
        // A goal with a value but no order has money of its own, that no item tells.
        BigDecimal value = goal && order != null ? BigDecimal.valueOf(5) : null;
        event.purchase(new Purchase(order, value, currency(random)));
        for (int i = random.nextInt(3); i > 0; i--) {
            BigDecimal price =
                    random.nextInt(4) == 0 ? null : BigDecimal.valueOf(random.nextInt(500) - 50, 2);
            BigDecimal pieces = random.nextBoolean() ? null : new BigDecimal(random.nextInt(5) - 1);
            event.item(
                    new Item(
                            "sku-" + random.nextInt(2),
                            null,
                            null,
                            null,
                            null,
                            price,
                            currency(random),
                            pieces));
        }
        if (random.nextInt(4) == 0) {
            event.bot();
        }
        TrackerEvent made = event.admitted().event();
        return (goal || made.isSale() ? event.conversion() : event).enriched();
    }

    private static String currency(Random random) {
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

    private static void add(JsonNode amounts, Map<String, BigDecimal> sums) {
        amounts.properties()
                .forEach(
                        amount ->
                                sums.merge(
                                        amount.getKey(),
                                        amount.getValue().decimalValue().stripTrailingZeros(),
                                        MoneyProperties::sum));
    }

    private static BigDecimal sum(BigDecimal a, BigDecimal b) {
        return a.add(b).stripTrailingZeros();
    }
}
