package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The erasure of visitors in the database, searched for in every column of every table. */
@ExtendWith(PostgresExtension.class)
class ErasureTest {

    private static final String ERASED = "vis_0";
    private static final int VISITORS = 4;

    private static final String TABLES =
            """
            SELECT oid::regclass::text
              FROM pg_class
             WHERE relkind IN ('r', 'p')
               AND NOT relispartition
               AND relnamespace::regnamespace::text IN ('auth', 'raw', 'staging', 'business')
             ORDER BY 1""";

    private static final String SHARED =
            "SELECT total_events FROM business.site_session_details_current_v"
                    + " WHERE client_session_id = 'shared'";

    private static final String LATE =
            "SELECT count(*) FROM business.event_session_current_v WHERE link_kind = 'LATE'";

    private static final String TOLD_LATE = "SELECT sum(late) FROM raw.site_tracking_ledger_v";

    /** What says of whom it is: by key, by pseudonym or by the marks of this test. */
    private static String search(String table, String... marks) {
        return "SELECT '%s ' || t::text FROM %s AS t WHERE t::text ~ '%s'"
                .formatted(table, table, String.join("|", marks));
    }

    private static String hk(String bk) {
        byte[] text = (TestEvents.tenantHk("acme") + '|' + bk).getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static List<EnrichedEvent> events() {
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
                            .visitor(others ? ERASED : "vis_" + visitor)
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
        events.add(shared(1, ERASED, "mark_0"));
        return events;
    }

    /** Of one session, minute by minute. */
    private static EnrichedEvent shared(int minute, String visitor, String mark) {
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

    private static Item item(int i) {
        return new Item("sku" + i % 3, "book", "B", null, null, price(i), "EUR", null);
    }

    private static BigDecimal price(int i) {
        return new BigDecimal(1 + i % 4);
    }

    private static TestDatabase loaded(TestPostgres postgres) throws SQLException {
        return LoadedVault.of(postgres, events());
    }

    private static List<String> failedChecks(TestDatabase database) throws SQLException {
        return LoadedVault.failedChecks(database);
    }

    private static void describe(TestDatabase database) throws SQLException {
        LoadedVault.describe(database, events());
    }

    private static String forget(TestDatabase database, String visitors) throws SQLException {
        List<String> answers =
                database.texts("SELECT api.forget_visitor('acme', '" + visitors + "')");
        assertThat(answers.get(0)).contains("\"success\": true");
        return database.texts("SELECT erasure_id FROM raw.site_tracking_erasure_r").get(0);
    }

    private static void carryOut(TestDatabase database) throws SQLException {
        for (int slices = 0; slices < 100; slices++) {
            if (database.texts("SELECT raw.site_tracking_erase_next()").get(0) == null) {
                return;
            }
        }
        throw new AssertionError("the erasure does not end");
    }

    private static List<String> found(TestDatabase database, String... marks) throws SQLException {
        List<String> queries = new ArrayList<>();
        for (String table : database.texts(TABLES)) {
            queries.add(search(table, marks));
        }
        return database.texts(String.join(" UNION ALL ", queries));
    }

    private static void forgetVisitor0(TestDatabase database) throws SQLException {
        forget(database, "{\"visitor_hk\": \"" + hk(ERASED) + "\"}");
    }

    /** Whose events are of the other tenant is another visitor. */
    private static List<String> ofAcme(TestDatabase database, String... marks) throws SQLException {
        List<String> rows = found(database, marks);
        rows.removeIf(row -> row.contains(TestEvents.tenantHk("other")));
        return rows;
    }

    /** But for keys: the hub's, and the tombstone. */
    private static List<String> leftOf(TestDatabase database) throws SQLException {
        List<String> left = ofAcme(database, ERASED, hk(ERASED), "mark_0");
        left.removeIf(
                row ->
                        row.startsWith("business.site_visitor_h ")
                                || row.startsWith("raw.site_tracking_tombstone_r "));
        return left;
    }

    private static void assertSound(TestDatabase database) throws SQLException {
        assertThat(leftOf(database)).isEmpty();
        assertThat(failedChecks(database)).isEmpty();
        List<String> kept = LoadedVault.rollups(database);
        database.execute("CALL business.site_rebuild_sessions()");
        assertThat(kept).isEqualTo(LoadedVault.rollups(database));
    }

    @Test
    void leavesNothingButKeysOfAVisitor(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        assertThat(leftOf(database)).hasSizeGreaterThan(100);
        List<String> others = found(database, "mark_2", "mark_3");

        forgetVisitor0(database);
        carryOut(database);

        assertThat(found(database, "mark_2", "mark_3")).isEqualTo(others);
        assertThat(
                        database.texts(
                                "SELECT sum(erased) || ' ' || bool_and(balanced) FROM raw.site_tracking_ledger_v"))
                .containsExactly("34 true");
        assertSound(database);
    }

    /** As a replay, an old savepoint, recover and a reprocess do. */
    @Test
    void letsNothingComeBack(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forgetVisitor0(database);
        carryOut(database);

        LoadedSessions.load(database, events());
        describe(database);

        assertSound(database);
    }

    /** A job that knows nothing yet writes between any two parts; one is killed half-way. */
    @Test
    void holdsWhileOthersWriteAndPartsFail(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forgetVisitor0(database);
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("SELECT raw.site_tracking_erase_next()");
            connection.rollback();
        }
        LoadedSessions.load(database, events());
        database.execute("SELECT raw.site_tracking_erase_next()");
        LoadedSessions.load(database, events());
        describe(database);
        carryOut(database);

        assertSound(database);
    }

    @Test
    void keepsWhatComesLater(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forgetVisitor0(database);
        carryOut(database);
        Instant later = Instant.now().plusSeconds(60);
        EnrichedEvent again =
                event("again")
                        .visitor(ERASED)
                        .session("s_again")
                        .label("mark_0")
                        .occurredAt(later)
                        .appendedAt(later)
                        .enriched();

        LoadedSessions.load(database, List.of(again));

        assertThat(ofAcme(database, "mark_0")).hasSize(2);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_session_b WHERE session_start > now()"))
                .isEqualTo(1);
    }

    @Test
    void namesVisitorsByIdsThroughTheJob(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forget(database, "[{\"visitor_id\": \"me@example.org\"}, {\"user_id\": 7}]");
        String ids =
                "SELECT string_agg(client_id, ' ' ORDER BY client_id) FROM raw.site_tracking_ids_to_name()";
        assertThat(database.texts(ids)).containsExactly("7 me@example.org");
        assertThat(database.texts("SELECT raw.site_tracking_erase_next()"))
                .containsExactly((String) null);

        database.execute(
                """
                SELECT raw.site_tracking_name_visitors(
                    array_agg(erasure_id), array_agg(client_id), ARRAY['vis_0', 'vis_7'])
                  FROM (SELECT * FROM raw.site_tracking_ids_to_name() ORDER BY client_id DESC) AS ids""");
        carryOut(database);

        assertThat(found(database, "me@example.org")).isEmpty();
        assertSound(database);
    }

    /**
     * A run that follows a reprocess does not remember what was erased, and may go on with them.
     */
    @Test
    void aReprocessMakesSessionsOfOthersAnew(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forgetVisitor0(database);
        carryOut(database);
        assertThat(database.texts(SHARED)).isEmpty();
        List<EnrichedEvent> others = new ArrayList<>(events());
        others.removeIf(event -> event.admitted().visitorBk().equals(ERASED));
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        TestDatabase asLoader =
                new TestDatabase(database.url() + "&options=-c%20role=site_tracking_loader");
        LoadedSessions.load(asLoader, Layers.SHADOW, others);
        database.execute(
                "SELECT raw.site_tracking_reprocess_note("
                        + "'{\"state\": \"FOLLOWING\", \"shadow_job\": \"0\"}')");

        database.execute("CALL raw.site_tracking_reprocess_switch()");

        assertThat(database.texts(SHARED)).containsExactly("1");
        assertThat(database.number(LATE)).isPositive().isEqualTo(database.number(TOLD_LATE));
        assertSound(database);
        others.add(shared(2, "vis_1", "mark_1"));
        LoadedSessions.load(database, others);
        assertThat(database.texts(SHARED)).containsExactly("2");
        database.execute("CALL raw.site_tracking_reprocess_undo()");
        LoadedSessions.load(database, others);
        assertThat(database.texts(SHARED)).isEmpty();
    }
}
