package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** However events come, the sums of those before the border are what the vault says. */
@ExtendWith(PostgresExtension.class)
class EventSumsTest {

    private static final String SUMMED =
            "SELECT coalesce(sum(page_views), 0)::bigint FROM business.site_rollup_b"
                    + " WHERE dimension = 'top_pages'";
    private static final String BEFORE_BORDER =
            """
            SELECT count(*)
              FROM business.site_event_details_s d
              JOIN business.site_rollup_until_b b USING (tenant_hk)
             WHERE d.event_timestamp < b.events_until AND d.evt_type = 'page_view'""";

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
        long late = random.nextInt(4) == 0 ? random.nextInt(172_800) : random.nextInt(60);
        TestEvents event =
                TestEvents.event(id)
                        .tenant(random.nextInt(3) == 0 ? "other" : "acme")
                        .type(List.of("page_view", "purchase", "item_view").get(random.nextInt(3)))
                        .url("https://shop.example/" + random.nextInt(3))
                        .occurredAt(appended.minusSeconds(late))
                        .appendedAt(appended);
        for (int i = 0; i < random.nextInt(3); i++) {
            String item = "sku-" + random.nextInt(2);
            BigDecimal price = BigDecimal.valueOf(random.nextInt(900), 2);
            event.item(new Item(item, null, null, null, null, price, null, null));
        }
        return event.enriched();
    }

    private void assertExact() throws SQLException {
        assertThat(VaultChecks.run(vault.connection(), 5))
                .filteredOn(result -> result.check().equals("rollups_add_up"))
                .singleElement()
                .satisfies(result -> assertThat(result.violations()).isEmpty());
        assertThat(vault.database().number(SUMMED))
                .isEqualTo(vault.database().number(BEFORE_BORDER));
    }

    @Test
    void lateOnesAndRepetitionsAreSummedOnce() throws SQLException {
        EventLoad load = new EventLoad("test");
        for (List<EnrichedEvent> batch : batches(1)) {
            vault.write(load, batch);
            vault.write(load, batch);
        }
        assertExact();
        long summed = vault.database().number(SUMMED);

        EventLoad replay = new EventLoad("test");
        for (List<EnrichedEvent> batch : batches(1)) {
            vault.write(replay, batch);
        }

        assertExact();
        assertThat(vault.database().number(SUMMED)).isEqualTo(summed).isPositive();
    }

    /** Else its first sums would look through all events of all tenants. */
    @Test
    void aNewTenantGetsTheBorderOfTheOthers() throws SQLException {
        EventLoad load = new EventLoad("test");
        EnrichedEvent old = TestEvents.event("old").occurredAt(START.minusSeconds(60)).enriched();
        vault.write(load, List.of(TestEvents.event("first").occurredAt(START).enriched()));
        assertThat(borders()).containsExactly("acme " + START);

        vault.write(load, List.of(old, TestEvents.event("1").tenant("other").enriched()));

        assertThat(borders()).containsExactly("acme " + START, "other " + START);
        assertExact();
        assertThat(vault.database().number(SUMMED)).isPositive();
    }

    @Test
    void theBorderOfAllMovesOnWithTheEventsOfAny() throws SQLException {
        EventLoad load = new EventLoad("test");
        vault.write(load, List.of(at("1", "other", START)));
        vault.write(load, List.of(at("2", "acme", START.plusSeconds(10))));
        Instant later = START.plusSeconds(7_200);
        vault.write(load, List.of(at("3", "acme", later)));
        vault.write(load, List.of(at("4", "acme", later.plusSeconds(3_600))));

        Instant border = later.minusSeconds(120);
        assertThat(borders()).containsExactly("acme " + border, "other " + border);
        assertExact();
        assertThat(vault.database().number(SUMMED)).isEqualTo(2);
    }

    @Test
    void aClockThatIsAheadMakesNobodyLate() throws SQLException {
        EventLoad load = new EventLoad("test");
        vault.write(load, List.of(at("1", "acme", START)));
        Instant appended = START.plusSeconds(7_200);
        vault.write(
                load,
                List.of(
                        TestEvents.event("2")
                                .occurredAt(appended.plusSeconds(300))
                                .appendedAt(appended)
                                .enriched()));
        vault.write(load, List.of(at("3", "acme", appended.plusSeconds(3_600))));

        assertThat(borders()).containsExactly("acme " + appended.minusSeconds(120));
        assertExact();
    }

    private static EnrichedEvent at(String id, String tenant, Instant occurred) {
        return TestEvents.event(id)
                .tenant(tenant)
                .occurredAt(occurred)
                .appendedAt(occurred)
                .enriched();
    }

    private List<String> borders() throws SQLException {
        String acme = TestEvents.tenantHk("acme");
        return vault.database()
                .texts(
                        """
                        SELECT CASE encode(tenant_hk, 'hex') WHEN '%s' THEN 'acme' ELSE 'other' END
                               || to_char(events_until AT TIME ZONE 'UTC', ' YYYY-MM-DD"T"HH24:MI:SS"Z"')
                          FROM business.site_rollup_until_b
                         ORDER BY 1"""
                                .formatted(acme));
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

    private Callable<Void> loader(List<List<EnrichedEvent>> batches) {
        return () -> {
            EventLoad load = new EventLoad("test");
            try (Connection connection = vault.database().connect();
                    Statement commit = connection.createStatement()) {
                for (List<EnrichedEvent> batch : batches) {
                    load.write(connection, batch);
                    commit.execute(VaultLoad.COMMIT);
                }
            }
            return null;
        };
    }

    @Test
    void daysAreSummedAnewAfterAnErasure() throws SQLException {
        EventLoad load = new EventLoad("test");
        for (List<EnrichedEvent> batch : batches(5)) {
            vault.write(load, batch);
        }

        vault.database()
                .execute(
                        """
                        BEGIN;
                        DELETE FROM business.site_event_details_s
                         WHERE evt_type = 'page_view' AND get_byte(event_hk, 0) < 128;
                        DO $$
                        DECLARE
                            erased record;
                        BEGIN
                            FOR erased IN
                                SELECT tenant_hk, array_agg(DISTINCT bucket_start) AS days
                                  FROM business.site_rollup_b
                                 WHERE dimension IN ('top_pages', 'items')
                                 GROUP BY tenant_hk
                            LOOP
                                CALL business.resum_site_events(erased.tenant_hk, erased.days);
                            END LOOP;
                        END $$;
                        COMMIT""");

        assertExact();
    }
}
