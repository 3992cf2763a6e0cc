package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A visitor of tenant acme who is erased, what others do meanwhile, and what tells of the visitor
 * in any column of any table.
 */
final class ErasedVisitor {

    /** Each event makes a session. */
    private static final SessionRules ONE_BY_ONE =
            new SessionRules(1_800_000, 86_400_000, 1, true, null, false);

    static final String BK = "vis_0";
    private static final int VISITORS = 4;

    private static final String TABLES =
            """
            SELECT oid::regclass::text
              FROM pg_class
             WHERE relkind IN ('r', 'p')
               AND NOT relispartition
               AND relnamespace::regnamespace::text ~ '^(auth|raw|staging|business)(_shadow|_former)?$'
             ORDER BY 1""";

    private ErasedVisitor() {}

    /** What says of whom it is: by key, by pseudonym or by the marks of this test. */
    private static String search(String table, String... marks) {
        return "SELECT '%s ' || t::text FROM %s AS t WHERE t::text ~ '%s'"
                .formatted(table, table, String.join("|", marks));
    }

    static String hk(String bk) {
        return hk("acme", bk);
    }

    static String hk(String tenant, String bk) {
        byte[] text = (TestEvents.tenantHk(tenant) + '|' + bk).getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 160; i++) {
            int visitor = i % VISITORS;
            // The last events of visitor 1's sessions are visitor 0's, as after a login.
            boolean others = visitor == 1 && i % 16 == 13;
            String mark = "mark_" + (others ? 0 : visitor);
            TestEvents made =
                    event("e" + i)
                            .tenant(i % 3 == 0 ? "other" : "acme")
                            .type(i % 5 == 0 ? EventType.PURCHASE : EventType.PAGE_VIEW)
                            .occurredAt(START.plusSeconds(300L * i).plusNanos(i * 1_000L))
                            .appendedAt(START.plusSeconds(300L * i + 1))
                            .offset(i)
                            .session(i % 7 == 0 ? null : "s" + visitor + "_" + i / 16)
                            .visitor(others ? BK : "vis_" + visitor)
                            .label(mark)
                            .url("https://shop.example/p" + i % 3)
                            .item(item(i))
                            .purchase(
                                    i % 5 == 0
                                            ? new Purchase("t" + i % 30, price(i), "EUR")
                                            : Purchase.NONE);
            events.add((i % 11 == 0 ? made.late() : made).enriched());
        }
        events.add(shared(0, "vis_1", "mark_1"));
        events.add(shared(1, BK, "mark_0"));
        events.add(twin(0));
        events.add(twin(1));
        return events;
    }

    /** Of one session, minute by minute. */
    static EnrichedEvent shared(int minute, String visitor, String mark) {
        Instant at = START.plusSeconds(200_000 + 60L * minute);
        return event("shared" + minute)
                .session("shared")
                .visitor(visitor)
                .label(mark)
                .occurredAt(at)
                .appendedAt(at)
                .offset(1_000 + minute)
                .enriched();
    }

    /** One of two sessions of a key that begin in one millisecond. */
    private static EnrichedEvent twin(int i) {
        Instant at = START.plusSeconds(100_000);
        return event("twin" + i)
                .session("twin")
                .visitor(BK)
                .rules(ONE_BY_ONE)
                .label("mark_0")
                .occurredAt(at)
                .appendedAt(at)
                .offset(2_000 + i)
                .enriched();
    }

    private static Item item(int i) {
        return new Item("sku" + i % 3, "book", "B", null, null, price(i), "EUR", null);
    }

    private static BigDecimal price(int i) {
        return new BigDecimal(1 + i % 4);
    }

    /** The event as it is when it is appended at another time. */
    static EnrichedEvent at(EnrichedEvent event, Instant appendedAt, @Nullable Recovery recovered) {
        AdmittedEvent a = event.admitted();
        var position =
                new SourcePosition(
                        a.position().topic(),
                        a.position().partition(),
                        10_000 + a.position().offset(),
                        appendedAt,
                        recovered);
        var admitted =
                new AdmittedEvent(
                        a.tenantBk(),
                        a.tenantHk(),
                        a.eventBk(),
                        a.visitorBk(),
                        a.occurredAt(),
                        a.event(),
                        a.payload(),
                        a.session(),
                        a.suspicions(),
                        position,
                        a.handling());
        return new EnrichedEvent(
                admitted,
                event.page(),
                event.referrer(),
                event.campaign(),
                event.channel(),
                event.device(),
                event.interactive(),
                event.suspicions());
    }

    static String forget(TestDatabase database, String visitors) throws SQLException {
        List<String> answers =
                database.texts("SELECT api.forget_visitor('acme', '" + visitors + "')");
        assertThat(answers.get(0)).contains("\"success\": true");
        return database.texts("SELECT erasure_id FROM raw.site_tracking_erasure_r").get(0);
    }

    static void carryOut(TestDatabase database) throws SQLException {
        for (int slices = 0; slices < 100; slices++) {
            if (database.texts("SELECT raw.site_tracking_erase_next()").get(0) == null) {
                return;
            }
        }
        throw new AssertionError("the erasure does not end");
    }

    static List<String> found(TestDatabase database, String... marks) throws SQLException {
        List<String> queries = new ArrayList<>();
        for (String table : database.texts(TABLES)) {
            queries.add(search(table, marks));
        }
        return database.texts(String.join(" UNION ALL ", queries));
    }

    static void forget(TestDatabase database) throws SQLException {
        forget(database, "{\"visitor_hk\": \"" + hk(BK) + "\"}");
    }

    /** Whose events are of the other tenant is another visitor. */
    static List<String> ofAcme(TestDatabase database, String... marks) throws SQLException {
        List<String> rows = found(database, marks);
        rows.removeIf(row -> row.contains(TestEvents.tenantHk("other")));
        return rows;
    }

    /** But for keys: the hub's, and the tombstone. */
    static List<String> leftOf(TestDatabase database) throws SQLException {
        List<String> left = ofAcme(database, BK, hk(BK), "mark_0");
        left.removeIf(
                row ->
                        row.matches("(?s)business(_shadow|_former)?\\.site_visitor_h .*")
                                || row.startsWith("raw.site_tracking_tombstone_r "));
        return left;
    }
}
