package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** In the database, too, sequence decides between events of one instant, and not their keys. */
@ExtendWith(PostgresExtension.class)
class SequenceOrderTest {

    private static final String DAY = "{\"from\": \"2026-11-20\", \"to\": \"2026-11-20\"";

    @Test
    void listsTheEventsOfOneInstantBySequence(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        LoadedSessions.load(
                database,
                List.of(
                        event("a").sequence(2).enriched(),
                        event("b").sequence(-1).enriched(),
                        event("c").enriched(),
                        event("d").enriched()));

        List<String> latestFirst = List.of("evt_a", "evt_b", "evt_d", "evt_c");
        assertThat(ids(events(database, DAY + "}"))).isEqualTo(latestFirst);
        assertThat(pageByPage(database)).isEqualTo(latestFirst);
    }

    @Test
    void anOrderIsToldByTheFirstInSequence(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "together", "first-last", "last-first");
        try (Connection connection = database.connect()) {
            EventLoader loader = new EventLoader("test");
            loader.load(connection, List.of(later("together"), first("together")));
            loader.load(connection, List.of(later("last-first")));
            loader.load(connection, List.of(first("last-first")));
            loader.load(connection, List.of(first("first-last")));
            loader.load(connection, List.of(later("first-last")));
        }

        assertThat(database.texts("SELECT event_bk || ' ' || sequence FROM business.site_order_b"))
                .containsExactly("evt_b 1", "evt_b 1", "evt_b 1");
        for (String tenant : List.of("together", "first-last", "last-first")) {
            JsonNode item =
                    ApiAnswers.data(database, "api.get_items(?, ?::jsonb)", tenant, DAY + "}")
                            .path("items")
                            .path(0);
            assertThat(item.path("revenue").path("EUR").decimalValue())
                    .as(tenant)
                    .isEqualByComparingTo("10");
        }
        VaultRows.assertChecks(database, "orders_count_once");
    }

    private static EnrichedEvent first(String tenant) {
        return order(event("b").sequence(1), tenant, "10");
    }

    private static EnrichedEvent later(String tenant) {
        return order(event("a").sequence(2), tenant, "20");
    }

    private static EnrichedEvent order(TestEvents event, String tenant, String price) {
        return event.tenant(tenant)
                .type(EventType.PURCHASE)
                .conversion()
                .purchase(new Purchase("o-1", null, "EUR"))
                .item(new Item("sku", null, null, null, null, new BigDecimal(price), null, null))
                .enriched();
    }

    private static List<String> pageByPage(TestDatabase database) throws Exception {
        List<String> ids = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonNode page = events(database, DAY + ", \"limit\": 1" + cursor + "}");
            ids.addAll(ids(page));
            JsonNode next = page.path("next_cursor");
            cursor = next.isTextual() ? ", \"cursor\": " + next : null;
        }
        return ids;
    }

    private static JsonNode events(TestDatabase database, String options) throws Exception {
        return ApiAnswers.data(database, "api.get_events(?, ?::jsonb)", "acme", options);
    }

    private static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.path("events").forEach(event -> ids.add(event.path("event_id").asText()));
        return ids;
    }
}
