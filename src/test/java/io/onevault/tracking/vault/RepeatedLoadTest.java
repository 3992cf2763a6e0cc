package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.Publications;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class RepeatedLoadTest {

    private static final String SOURCE = "test";

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            var item = new Item("sku" + i % 3, "book", "B", null, null, price(i), "EUR", null);
            events.add(
                    event("e" + i)
                            .tenant(i % 2 == 0 ? "acme" : "other")
                            .type(i % 5 == 0 ? EventType.PURCHASE : EventType.PAGE_VIEW)
                            .occurredAt(START.plusSeconds(3_600L * i).plusNanos(i * 1_000L))
                            .offset(i)
                            .url(i % 7 == 0 ? null : "https://shop.example/p" + i % 4)
                            .visitor("vis_" + i % 6)
                            .properties(i % 3 == 0 ? "{\"colour\":\"bl\u00fce\"}" : "{}")
                            .purchase(
                                    i % 5 == 0
                                            ? new Purchase("t" + i, price(i), "EUR")
                                            : Purchase.NONE)
                            .item(item)
                            .enriched());
        }
        return events;
    }

    private static BigDecimal price(int i) {
        return new BigDecimal(i % 4).add(new BigDecimal("0.10"));
    }

    private static List<RejectedEvent> rejected() {
        List<RejectedEvent> rejected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            byte[] original = ("{" + i).getBytes(StandardCharsets.UTF_8);
            rejected.add(
                    new RejectedEvent(
                            RejectReason.MALFORMED_JSON,
                            null,
                            "JSON",
                            "acme",
                            TestEvents.tenantHk("acme"),
                            Identity.NONE,
                            START.plusSeconds(i),
                            i % 2 == 0 ? null : "{}",
                            original,
                            new SourcePosition("events", 0, i, START.plusSeconds(i)),
                            null));
        }
        return rejected;
    }

    /** What is published while events of a key arrive in three portions, out of order. */
    private static List<SessionUpdate> sessionUpdates() {
        List<SessionEvent> arrived = new ArrayList<>();
        List<SessionUpdate> updates = new ArrayList<>();
        Map<String, PublishedSession> published = new HashMap<>();
        long[][] portions = {{0, 3_000_000, 4_000_000}, {1_500_000, 1_000}, {-5_000, 9_000_000}};
        for (long[] portion : portions) {
            for (long millis : portion) {
                arrived.add(SessionEvents.pageView(millis).appended(arrived.size()).make());
            }
            var sessions = Sessionizer.sessionize(arrived);
            var publication =
                    SessionPublisher.publish(sessions, published, START.toEpochMilli(), 0);
            updates.addAll(publication.updates());
            published = Publications.after(published, publication);
        }
        return updates;
    }

    private static List<Description> descriptions() {
        List<Description> descriptions = new ArrayList<>();
        events().forEach(event -> descriptions.addAll(Descriptions.of(event)));
        return descriptions;
    }

    /** Random cuts of the same elements, the cuts in random order. */
    private static <T> List<List<T>> otherCuts(List<T> elements, Random random) {
        List<List<T>> cuts = new ArrayList<>();
        for (int from = 0; from < elements.size(); ) {
            int to = Math.min(elements.size(), from + 1 + random.nextInt(7));
            cuts.add(elements.subList(from, to));
            from = to;
        }
        Collections.shuffle(cuts, random);
        return cuts;
    }

    private <T> void changesNothingWhenLoadedAgain(
            Loader<T> loader, Loader<T> secondLoader, List<T> elements, String... tables)
            throws SQLException {
        vault.write(loader, elements);
        List<String> rows = vault.rows();
        for (String table : tables) {
            assertThat(vault.database().number("SELECT count(*) FROM " + table))
                    .as(table)
                    .isPositive();
        }

        vault.write(loader, elements);
        assertThat(vault.rows()).isEqualTo(rows);
        for (int seed = 0; seed < 3; seed++) {
            for (List<T> cut : otherCuts(elements, new Random(seed))) {
                vault.write(secondLoader, cut);
            }
            assertThat(vault.rows()).isEqualTo(rows);
        }
    }

    @Test
    void eventsChangeNothingWhenLoadedAgain() throws SQLException {
        changesNothingWhenLoadedAgain(
                new EventLoader(SOURCE),
                new EventLoader(SOURCE),
                events(),
                EventTables.RAW.name(),
                EventTables.STAGING.name(),
                EventTables.EVENT_HUB.name(),
                EventTables.VISITOR_HUB.name(),
                EventTables.PAGE_HUB.name(),
                EventTables.ITEM_HUB.name(),
                EventTables.EVENT_PAGE_LINK.name(),
                EventTables.EVENT_ITEM_LINK.name(),
                EventTables.VISITOR_ITEM_LINK.name(),
                EventTables.EVENT_DETAILS.name());
        assertThat(vault.count(EventTables.RAW)).isEqualTo(40);
        assertThat(vault.count(EventTables.ITEM_HUB)).isEqualTo(6);
    }

    @Test
    void sessionsChangeNothingWhenLoadedAgain() throws SQLException {
        assertThat(sessionUpdates())
                .extracting(update -> update.version().status())
                .contains(SessionStatus.SUPERSEDED);
        changesNothingWhenLoadedAgain(
                new SessionLoader(SOURCE),
                new SessionLoader(SOURCE),
                sessionUpdates(),
                SessionTables.SESSION_HUB.name(),
                SessionTables.SESSION_VISITOR_LINK.name(),
                SessionTables.SESSION_PAGE_LINK.name(),
                SessionTables.EVENT_SESSION_LINK.name(),
                SessionTables.SESSION_DETAILS.name());
    }

    @Test
    void rejectedEventsChangeNothingWhenLoadedAgain() throws SQLException {
        changesNothingWhenLoadedAgain(
                new RejectedLoader(SOURCE),
                new RejectedLoader(SOURCE),
                rejected(),
                EventTables.RAW.name());
        assertThat(vault.count(EventTables.RAW)).isEqualTo(10);
    }

    @Test
    void descriptionsChangeNothingWhenLoadedAgain() throws SQLException {
        changesNothingWhenLoadedAgain(
                new DescriptionLoader(SOURCE),
                new DescriptionLoader(SOURCE),
                descriptions(),
                DescriptionLoader.VISITOR.name(),
                DescriptionLoader.PAGE.name(),
                DescriptionLoader.ITEM.name());
    }
}
