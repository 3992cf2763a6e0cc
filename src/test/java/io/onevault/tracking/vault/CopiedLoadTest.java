package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is copied into the vault and what is inserted, and that it makes no difference. */
@ExtendWith(PostgresExtension.class)
class CopiedLoadTest {

    private static final String SOURCE = "test";
    private static final int EVENTS = 300;
    private static final String[] AMOUNTS = {
        "0", "0.00", "-1", "12.50", "9999.9999", "0.000012", "123456789012345678.9", "1e5"
    };

    /** PostgreSQL inserts with ON CONFLICT into no table that has a rule, but copies into it. */
    private static final String ONLY_COPY =
            "CREATE RULE only_copy AS ON INSERT TO raw.site_tracking_events_r"
                    + " DO ALSO NOTIFY inserted";

    private static List<EnrichedEvent> events(long seed) {
        Random random = new Random(seed);
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            var amount = new BigDecimal(AMOUNTS[random.nextInt(AMOUNTS.length)]);
            boolean buys = random.nextInt(4) == 0;
            var made =
                    event(seed + "e" + i)
                            .tenant(random.nextBoolean() ? "acme" : "other")
                            .type(buys ? EventType.PURCHASE : EventType.PAGE_VIEW)
                            .occurredAt(START.plusNanos(random.nextLong(90_000_000_000_000L)))
                            .offset(i)
                            .label(random.nextBoolean() ? "caf\u00e9 \"\\,{} \ud83d\ude00" : null)
                            .url(random.nextInt(5) == 0 ? null : "https://a.example/p" + i % 9)
                            .visitor("vis_" + random.nextInt(20))
                            .properties(random.nextBoolean() ? "{\"a\": {\"b\": [1, null]}}" : "{}")
                            .purchase(buys ? new Purchase("t" + i, amount, "EUR") : Purchase.NONE);
            if (random.nextBoolean()) {
                made.item(new Item("i" + i % 7, "t", "n", null, null, amount, "EUR", null));
            }
            events.add(made.enriched());
        }
        return events;
    }

    private static void load(LoadedVault vault, EventLoader loader, List<EnrichedEvent> batch)
            throws SQLException {
        assertThat(loader.load(vault.connection(), batch)).isEmpty();
    }

    @Test
    void copiedRowsAreThoseThatWouldBeInserted(TestPostgres postgres) throws SQLException {
        LoadedVault copied = new LoadedVault(postgres);
        LoadedVault inserted = new LoadedVault(postgres);
        EventLoader loader = new EventLoader(SOURCE);
        load(copied, loader, events(0));
        load(inserted, new EventLoader(SOURCE), events(0));
        copied.database().execute(ONLY_COPY);

        for (int seed = 1; seed <= 3; seed++) {
            load(copied, loader, events(seed));
            load(inserted, new EventLoader(SOURCE), events(seed));
        }

        assertThat(copied.rows()).isEqualTo(inserted.rows());
        assertThat(copied.count(EventTables.RAW)).isEqualTo(4 * EVENTS);
        copied.close();
        inserted.close();
    }

    @Test
    void upsertsFromAConflictUntilAllIsNewAgain(TestPostgres postgres) throws SQLException {
        LoadedVault vault = new LoadedVault(postgres);
        EventLoader loader = new EventLoader(SOURCE);
        load(vault, loader, events(0));
        List<EnrichedEvent> half = new ArrayList<>(events(0).subList(0, 100));
        half.addAll(events(1));

        load(vault, loader, half);
        load(vault, loader, events(2).subList(0, 50));
        vault.database().execute(ONLY_COPY);
        load(vault, loader, events(2).subList(50, EVENTS));

        assertThat(vault.count(EventTables.RAW)).isEqualTo(3 * EVENTS);
        assertThat(vault.count(EventTables.EVENT_DETAILS)).isEqualTo(3 * EVENTS);
        assertThatThrownBy(() -> load(vault, loader, events(2))).isInstanceOf(SQLException.class);
        vault.close();
    }

    @Test
    void copiesNothingWhereRowSecurityHolds(TestPostgres postgres) throws SQLException {
        LoadedVault vault = new LoadedVault(postgres);
        vault.database()
                .execute(
                        """
                        DROP ROLE IF EXISTS test_job;
                        CREATE ROLE test_job;
                        GRANT site_tracking_loader TO test_job""");
        try (Connection connection = vault.database().connect();
                Statement statement = connection.createStatement()) {
            EventLoader loader = new EventLoader(SOURCE);
            statement.execute("SET ROLE test_job");
            assertThat(loader.load(connection, events(0))).isEmpty();
            assertThat(loader.load(connection, events(1))).isEmpty();

            EventLoader byLoader = new EventLoader(SOURCE);
            statement.execute("SET ROLE site_tracking_loader");
            assertThat(byLoader.load(connection, events(2))).isEmpty();
            vault.database().execute(ONLY_COPY);
            assertThat(byLoader.load(connection, events(3))).isEmpty();
        }
        assertThat(vault.count(EventTables.RAW)).isEqualTo(4 * EVENTS);
        vault.close();
    }
}
