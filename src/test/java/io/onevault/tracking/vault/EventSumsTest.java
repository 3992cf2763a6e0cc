package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However events come, their sums are what the vault says. */
@ExtendWith(PostgresExtension.class)
class EventSumsTest {

    private static final String SUMMED =
            "SELECT coalesce(sum(page_views), 0)::bigint FROM business.site_rollup_b"
                    + " WHERE dimension = 'top_pages'";
    private static final String HELD =
            """
            SELECT count(*)
              FROM business.site_event_details_s
             WHERE evt_type = 'page_view' AND NOT is_bot""";

    private static final List<String> TYPES =
            List.of(
                    "page_view",
                    "page_view",
                    "purchase",
                    "purchase",
                    "item_view",
                    "refund",
                    "web_vitals");

    private static final Set<String> CHECKS = Set.of("rollups_add_up", "orders_count_once");

    private static final String ITEMS =
            """
            SELECT concat_ws(' ', currency, sum(events), sum(conversions), sum(quantity),
                       sum(refunded_quantity), sum(revenue), sum(refunds))
              FROM business.site_rollup_b
             WHERE dimension = 'items'
             GROUP BY currency, bucket_start, substr(value_key, 1, 32)
             ORDER BY currency COLLATE "C", sum(events), sum(quantity)""";

    private static final String VITALS =
            """
            SELECT concat(convert_from(substr(value_key, 33), 'UTF8'), ' ', sum(events))
              FROM business.site_rollup_b
             WHERE dimension = 'vitals'
             GROUP BY value_key
             ORDER BY convert_from(substr(value_key, 33), 'UTF8') COLLATE "C"
            """;

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    /** Batches an hour apart; every fourth event is up to two days late. */
    private static List<List<EnrichedEvent>> batches(int seed) {
        Random random = new Random(seed);
        List<List<EnrichedEvent>> batches = new ArrayList<>();
        for (int hour = 0; hour < 8; hour++) {
            List<EnrichedEvent> batch = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                batch.add(event(random, seed + "-" + hour + "-" + i, hour));
            }
            batches.add(batch);
        }
        return batches;
    }

    private static EnrichedEvent event(Random random, String id, int hour) {
        Instant appended = START.plusSeconds(hour * 3_600L);
        // In few steps, so that some are of one instant.
        long late = random.nextInt(4) == 0 ? random.nextInt(48) * 3_600L : random.nextInt(3) * 20L;
        TestEvents event =
                TestEvents.event(id)
                        .tenant(random.nextInt(3) == 0 ? "other" : "acme")
                        .type(TYPES.get(random.nextInt(TYPES.size())))
                        .url("https://shop.example/" + random.nextInt(3))
                        .properties("{\"lcp\":" + random.nextInt(9_000) + ",\"cls\":0.1}")
                        .occurredAt(appended.minusSeconds(late))
                        .appendedAt(appended);
        for (int i = 0; i < random.nextInt(3); i++) {
            String item = "sku-" + random.nextInt(2);
            BigDecimal price =
                    random.nextInt(4) == 0
                            ? null
                            : BigDecimal.valueOf(random.nextInt(900) - 200, 2);
            BigDecimal pieces = random.nextBoolean() ? null : new BigDecimal(random.nextInt(5) - 2);
            event.item(new Item(item, null, null, null, null, price, null, pieces));
        }
        if (random.nextBoolean()) {
            // Few orders, that all batches and loaders tell of.
            String order = random.nextInt(3) == 0 ? null : "o-" + random.nextInt(8);
            event.purchase(new Purchase(order, new BigDecimal(random.nextInt(6) - 1), "EUR"));
        }
        if (random.nextInt(8) == 0) {
            event.bot();
        }
        return event.enriched();
    }

    private void assertExact() throws SQLException {
        assertThat(VaultChecks.run(vault.connection(), 5))
                .filteredOn(result -> CHECKS.contains(result.check()))
                .hasSize(CHECKS.size())
                .allSatisfy(result -> assertThat(result.violations()).isEmpty());
        assertThat(vault.database().number(SUMMED)).isEqualTo(vault.database().number(HELD));
    }

    @Test
    void lateOnesAndRepetitionsAreSummedOnce() throws SQLException {
        EventLoader loader = new EventLoader("test");
        for (List<EnrichedEvent> batch : batches(1)) {
            vault.write(loader, batch);
            vault.write(loader, batch);
        }
        assertExact();
        long summed = vault.database().number(SUMMED);

        EventLoader replay = new EventLoader("test");
        for (List<EnrichedEvent> batch : batches(1)) {
            vault.write(replay, batch);
        }

        assertExact();
        assertThat(vault.database().number(SUMMED)).isEqualTo(summed).isPositive();
    }

    @Test
    void aBatchOfWhichSomeWasThereIsSummedForTheRest() throws SQLException {
        List<EnrichedEvent> all = batches(6).get(3);
        vault.write(new EventLoader("test"), all.subList(0, 8));

        vault.write(new EventLoader("test"), all);

        assertExact();
    }

    @Test
    void anEventThatIsTwiceInABatchIsSummedOnce() throws SQLException {
        EventLoader loader = new EventLoader("test");
        Item item = new Item("sku", null, null, null, null, BigDecimal.ONE, null, null);
        for (String id : List.of("1", "2")) {
            EnrichedEvent view = TestEvents.event("view " + id).enriched();
            EnrichedEvent sale =
                    TestEvents.event("sale " + id).type("purchase").item(item).enriched();
            vault.write(loader, List.of(TestEvents.event("before " + id).enriched()));
            vault.write(loader, List.of(view, sale, view, sale));
        }

        assertExact();
        assertThat(vault.database().number(SUMMED)).isEqualTo(4);
    }

    @Test
    void whatAnEventSaysOfItsItemsIsSummedAsTheVaultSaysIt() throws SQLException {
        BigDecimal price = new BigDecimal("0.1");
        Item twice = new Item("sku", null, null, null, null, price, null, new BigDecimal("3"));
        Item inYen = new Item("sku", null, null, null, null, new BigDecimal("7"), "JPY", null);
        Item free = new Item("gift", null, null, null, null, null, null, null);
        TestEvents purchase =
                TestEvents.event("1")
                        .type("purchase")
                        .item(twice)
                        .item(twice)
                        .item(inYen)
                        .item(free);
        TestEvents view = TestEvents.event("2").type("item_view").item(twice);
        TestEvents robots = TestEvents.event("3").type("purchase").item(twice).bot();

        vault.write(
                new EventLoader("test"),
                List.of(purchase.enriched(), view.enriched(), robots.enriched()));

        assertExact();
        assertThat(vault.database().texts(ITEMS))
                .containsExactly(
                        " 1 1 1 0 0 0", " 2 1 7 0 0 0", "JPY 0 0 0 0 7 0", "XXX 0 0 0 0 0.6 0");
    }

    /** By the ends of buckets, whatever a browser or somebody else says. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesOfVitalsAreCountedByBucket(boolean someWasThere) throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (String told :
                List.of(
                        "{\"lcp\":2500,\"inp\":99.2,\"cls\":0.25,\"ttfb\":0}",
                        "{\"lcp\":2501,\"inp\":201,\"cls\":0.10001,\"ttfb\":1999}",
                        "{\"lcp\":10000001,\"inp\":-1,\"cls\":1000.1,\"ttfb\":\"5\"}",
                        "{\"lcp\":1e999,\"cls\":null,\"ttfb\":10000000}")) {
            events.add(TestEvents.event(told).type("web_vitals").properties(told).enriched());
        }
        events.add(
                TestEvents.event("bot")
                        .type("web_vitals")
                        .properties("{\"lcp\":1}")
                        .bot()
                        .enriched());
        if (someWasThere) {
            vault.write(new EventLoader("test"), events.subList(1, 2));
        }

        vault.write(new EventLoader("test"), events);

        assertExact();
        assertThat(vault.database().texts(VITALS))
                .containsExactly(
                        "other cls 1020 1",
                        "other cls 2500 1",
                        "other inp 100 1",
                        "other inp 205 1",
                        "other lcp 2500 1",
                        "other lcp 2550 1",
                        "other ttfb 0 1",
                        "other ttfb 10000000 1",
                        "other ttfb 2000 1");
    }

    private static TestEvents trade(String id, String type, String value, Item... items) {
        BigDecimal amount = value == null ? null : new BigDecimal(value);
        TestEvents trade =
                TestEvents.event(id).type(type).purchase(new Purchase(id, amount, "EUR"));
        for (Item item : items) {
            trade.item(item);
        }
        return trade;
    }

    private static Item lamp(String price, String quantity) {
        BigDecimal pieces = quantity == null ? null : new BigDecimal(quantity);
        return new Item("lamp", null, null, null, null, new BigDecimal(price), null, pieces);
    }

    /** With a batch of its own, and again with one of which some was there. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesBackIsRefundedAndNoNegativeSale(boolean someWasThere) throws SQLException {
        Item other = new Item("other", null, null, null, null, null, null, null);
        List<EnrichedEvent> events =
                List.of(
                        trade("sold", "purchase", "120", lamp("40", "3")).enriched(),
                        trade("returned", "purchase", "-33.95", lamp("33.95", "-1")).enriched(),
                        trade("valueless", "purchase", null, lamp("2", "-2")).enriched(),
                        trade("refund", "refund", "5", lamp("5", null)).enriched(),
                        trade("exchange", "purchase", "10", lamp("30", "-1"), other).enriched());
        if (someWasThere) {
            vault.write(new EventLoader("test"), events.subList(3, 5));
        }

        vault.write(new EventLoader("test"), events);

        assertExact();
        assertThat(vault.database().texts(ITEMS))
                .containsExactly(" 1 1 1 0 0 0", " 5 1 3 5 0 0", "EUR 0 0 0 0 120 72.95");
    }

    /** Told four times, of which two are of one instant: the key decides. */
    private static List<EnrichedEvent> toldOften() {
        List<EnrichedEvent> told = new ArrayList<>();
        for (String id : List.of("b first", "c tie", "d later", "a last")) {
            int hours = id.startsWith("d") ? 1 : id.startsWith("a") ? 30 : 0;
            Item fan = lamp(id.startsWith("b") ? "6000" : "1", "2");
            told.add(
                    TestEvents.event(id)
                            .type("purchase")
                            .occurredAt(START.plusSeconds(hours * 3_600L))
                            .appendedAt(START.plusSeconds(200_000))
                            .purchase(new Purchase("o-300", new BigDecimal("12000"), "JPY"))
                            .item(fan)
                            .enriched());
        }
        return told;
    }

    /** Each event as a micro-batch of its own, and all over again in one. */
    @ParameterizedTest
    @ValueSource(strings = {"0123", "3210", "1032", "2310", "2013"})
    void theEarliestEventOfAnOrderCountsInWhateverOrderTheyCome(String order) throws SQLException {
        List<EnrichedEvent> told = toldOften();
        for (char place : order.toCharArray()) {
            vault.write(new EventLoader("test"), List.of(told.get(place - '0')));
            assertExact();
        }
        vault.write(new EventLoader("test"), told);

        assertExact();
        assertThat(vault.database().texts(ITEMS + ", bucket_start"))
                .filteredOn(row -> !row.startsWith("JPY 0 0 0 0 0 0"))
                .containsExactly(" 1 0 0 0 0 0", " 3 1 2 0 0 0", "JPY 0 0 0 0 12000 0");
    }

    @Test
    void anOrderOfARobotTakesItFromNobody() throws SQLException {
        Purchase order = new Purchase("o", new BigDecimal("5"), "EUR");
        TestEvents robot = TestEvents.event("robot").type("purchase").purchase(order).bot();
        TestEvents person =
                TestEvents.event("person").type("purchase").occurredAt(START.plusSeconds(60));

        vault.write(
                new EventLoader("test"),
                List.of(person.purchase(order).item(lamp("5", null)).enriched()));
        vault.write(new EventLoader("test"), List.of(robot.item(lamp("5", null)).enriched()));

        assertExact();
        assertThat(vault.database().texts(ITEMS))
                .containsExactly(" 1 1 1 0 0 0", "EUR 0 0 0 0 5 0");
    }

    /** As the revenue of sessions is that of the earliest event that tells some. */
    @ParameterizedTest
    @ValueSource(strings = {"01", "10"})
    void ofAnOrderItemsWithAPriceCount(String order) throws SQLException {
        Item unpriced = new Item("lamp", null, null, null, null, null, null, null);
        List<EnrichedEvent> told =
                List.of(
                        TestEvents.event("step")
                                .type("purchase")
                                .purchase(new Purchase("o", null, "EUR"))
                                .item(unpriced)
                                .enriched(),
                        TestEvents.event("sale")
                                .type("purchase")
                                .occurredAt(START.plusSeconds(60))
                                .purchase(new Purchase("o", null, "EUR"))
                                .item(lamp("5", "2"))
                                .enriched());
        for (char place : order.toCharArray()) {
            vault.write(new EventLoader("test"), List.of(told.get(place - '0')));
            assertExact();
        }

        assertThat(vault.database().texts(ITEMS))
                .containsExactly(" 2 1 2 0 0 0", "EUR 0 0 0 0 10 0");
    }

    @Test
    void staysExactWhenLoadersMeet() throws Exception {
        ExecutorService loaders = Executors.newFixedThreadPool(3);
        List<Future<Void>> done = new ArrayList<>();
        for (int seed = 2; seed < 5; seed++) {
            done.add(loaders.submit(loader(batches(seed))));
        }
        for (Future<Void> each : done) {
            each.get();
        }
        loaders.shutdown();

        assertExact();
        assertThat(vault.database().number(SUMMED)).isPositive();
    }

    /** The first of the loaders that wait writes what the second one has seen otherwise. */
    @Test
    void theEarliestEventOfAnOrderCountsWhenLoadersWaitForIt() throws Exception {
        List<EnrichedEvent> told = toldOften();
        vault.write(new EventLoader("test"), List.of(told.get(3)));
        ExecutorService loaders = Executors.newFixedThreadPool(2);
        List<Future<Void>> done = new ArrayList<>();
        try (Connection holding = vault.database().connect();
                Statement statement = holding.createStatement()) {
            holding.setAutoCommit(false);
            statement.execute("SELECT FROM business.site_order_b FOR UPDATE");
            for (EnrichedEvent event : List.of(told.get(2), told.get(0))) {
                done.add(loaders.submit(loader(List.of(List.of(event)))));
                vault.database().awaitWaiting(done.size());
            }
        }
        for (Future<Void> each : done) {
            each.get();
        }
        loaders.shutdown();

        assertExact();
    }

    private Callable<Void> loader(List<List<EnrichedEvent>> batches) {
        return () -> {
            EventLoader loader = new EventLoader("test");
            try (Connection connection = vault.database().connect()) {
                for (List<EnrichedEvent> batch : batches) {
                    LoadedVault.write(loader, connection, batch);
                }
            }
            return null;
        };
    }

    @Test
    void daysAreSummedAnewAfterAnErasure() throws SQLException {
        EventLoader loader = new EventLoader("test");
        for (List<EnrichedEvent> batch : batches(5)) {
            vault.write(loader, batch);
        }

        vault.database()
                .execute(
                        """
                        BEGIN;
                        DELETE FROM business.site_event_details_s
                         WHERE get_byte(event_hk, 0) < 128;
                        DO $$
                        DECLARE
                            erased record;
                        BEGIN
                            FOR erased IN
                                SELECT tenant_hk, array_agg(DISTINCT bucket_start) AS days
                                  FROM business.site_rollup_b
                                 WHERE dimension IN ('top_pages', 'items', 'vitals')
                                 GROUP BY tenant_hk
                            LOOP
                                CALL business.site_resum_events(erased.tenant_hk, erased.days);
                            END LOOP;
                        END $$;
                        COMMIT""");

        assertExact();
    }
}
