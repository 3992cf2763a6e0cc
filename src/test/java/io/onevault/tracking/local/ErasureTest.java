package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.events;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.local.ErasedVisitor.leftOf;
import static io.onevault.tracking.local.ErasedVisitor.ofAcme;
import static io.onevault.tracking.local.ErasedVisitor.shared;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The erasure of visitors in the database, searched for in every column of every table. */
@ExtendWith(PostgresExtension.class)
class ErasureTest {

    /** With their titles they are the site's. */
    private static final String PAGES = "SELECT count(*) FROM business.site_page_details_s";

    private static final String SHARED =
            "SELECT total_events FROM business.site_session_details_current_v"
                    + " WHERE client_session_id = 'shared'";

    private static final String LATE =
            "SELECT count(*) FROM business.event_session_current_v WHERE link_kind = 'LATE'";

    private static final String TOLD_LATE = "SELECT sum(late) FROM raw.site_tracking_ledger_v";

    private static final String FORGET =
            "SELECT api.forget_visitor('%s', '{\"visitor_hk\": \"%s\"}')";

    private static final String OPEN =
            "SELECT api.get_tracking_system_status('acme') #>> '{data,erasures,open}'";

    /** Events of the time, or of the transaction, with which the key of a visitor came. */
    private static final String FIRST_EVENTS =
            """
            SELECT count(*)
              FROM business.site_visitor_h AS visitors
              JOIN business.site_event_h AS events USING (tenant_hk)
             WHERE visitors.visitor_hk = '\\x%s'
               AND (events.load_date = visitors.load_date OR events.xmin = visitors.xmin)"""
                    .formatted(hk(BK));

    private static final String STATUS =
            "SELECT concat_ws(' ', tenant_bk, status, failure) FROM raw.site_tracking_erasure_r"
                    + " JOIN auth.tenant_h USING (tenant_hk) ORDER BY 1";

    private static TestDatabase loaded(TestPostgres postgres) throws SQLException {
        return LoadedVault.of(postgres, events());
    }

    /** What becomes of the sums in which erased visitors of the tenant are. */
    private static void choose(TestDatabase database, String counts) throws SQLException {
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, erased_counts, hash_diff, record_source)
                SELECT tenant_hk, now(), '%s', sha256(''), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'acme'"""
                        .formatted(counts));
    }

    /** All but cohorts, which are corrected either way. */
    private static List<String> sums(TestDatabase database) throws SQLException {
        List<String> sums = LoadedVault.rollups(database);
        sums.removeAll(database.texts("SELECT r::text FROM business.site_cohort_b AS r"));
        return sums;
    }

    private static List<String> failedChecks(TestDatabase database) throws SQLException {
        return LoadedVault.failedChecks(database);
    }

    private static void describe(TestDatabase database) throws SQLException {
        LoadedVault.describe(database, events());
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
        long pages = database.number(PAGES);

        forget(database);
        carryOut(database);

        assertThat(database.number(PAGES)).isEqualTo(pages);

        assertThat(found(database, "mark_2", "mark_3")).isEqualTo(others);
        assertThat(
                        database.texts(
                                "SELECT sum(erased) || ' ' || bool_and(balanced) FROM raw.site_tracking_ledger_v"))
                .containsExactly("36 true");
        assertSound(database);
    }

    @Test
    void theKeyDoesNotTellWhichEventWasTheFirst(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        assertThat(database.number(FIRST_EVENTS)).isPositive();

        forget(database);
        carryOut(database);
        LoadedSessions.load(database, events());

        assertThat(database.number(FIRST_EVENTS)).isZero();
        assertThat(
                        database.texts(
                                "SELECT line::text FROM api.export_visitor('acme', '{\"visitor_hk\": \"%s\"}') AS line"
                                        .formatted(hk(BK))))
                .containsExactly("{\"kind\": \"visitor\", \"visitor_bk\": \"" + BK + "\"}");
    }

    /** As a replay, an old savepoint, recover and a reprocess do. */
    @Test
    void letsNothingComeBack(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forget(database);
        carryOut(database);

        LoadedSessions.load(database, events());
        describe(database);

        assertSound(database);
    }

    /** Whatever makes sums anew, and when retention leaves nothing else. */
    @Test
    void leavesSumsAsTheyWereWhereTheTenantKeepsThem(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        List<String> sums = sums(database);
        choose(database, "KEPT");
        forget(database);
        carryOut(database);

        assertThat(sums(database)).isEqualTo(sums);
        assertSound(database);
        LoadedSessions.load(database, events());
        assertThat(sums(database)).isEqualTo(sums);
        assertThat(
                        database.texts(
                                "SELECT api.get_erasures('acme') #>> '{data,erasures,0,erased_counts}'"))
                .containsExactly("KEPT");

        database.execute(
                "UPDATE auth.tenant_site_tracking_s SET keep_events_days = 31, keep_sessions_days = 40");
        while (database.texts("SELECT raw.site_tracking_expire('2026-12-31')").get(0) != null) {
            assertThat(failedChecks(database)).isEmpty();
        }
        assertThat(sums(database)).isEqualTo(sums);
        assertSound(database);
    }

    /** A job that knows nothing yet writes between any two parts; one is killed half-way. */
    @Test
    void holdsWhileOthersWriteAndPartsFail(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forget(database);
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
        forget(database);
        carryOut(database);
        Instant later = Instant.now().plusSeconds(60);
        EnrichedEvent again =
                event("again")
                        .visitor(BK)
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
                    array_agg(erasure_id), array_agg(client_id), array_agg(id_kind), ARRAY['vis_0', 'vis_7'])
                  FROM (SELECT * FROM raw.site_tracking_ids_to_name() ORDER BY client_id DESC) AS ids""");
        carryOut(database);

        assertThat(found(database, "me@example.org")).isEmpty();
        assertSound(database);
    }

    /** The job does so piece by piece, and knows no others than registered tenants. */
    @Test
    void tellsTheJobNoMoreIdsThanItAsksFor(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forget(database, "[{\"visitor_id\": 1}, {\"visitor_id\": 2}, {\"user_id\": 3}]");
        database.execute(
                """
                INSERT INTO raw.site_tracking_erasure_id_r (erasure_id, client_id, id_kind, tenant_hk)
                SELECT '', 'of nobody', 'visitor_id', sha256('nobody')
                  FROM generate_series(1, 3)""");

        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_ids_to_name(2)"))
                .isEqualTo(2);
        assertThat(
                        database.texts(
                                "SELECT client_id FROM raw.site_tracking_ids_to_name() ORDER BY 1"))
                .containsExactly("1", "2", "3");
    }

    /** Days of events, and what is of no day. */
    @Test
    void looksThroughTheTenantsOwnDaysAlone(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = new ArrayList<>(events());
        for (int day = 5; day < 25; day++) {
            Instant at = TestEvents.START.plusSeconds(day * 86_400L);
            events.add(event("far" + day).tenant("other").occurredAt(at).appendedAt(at).enriched());
        }
        TestDatabase database = LoadedVault.of(postgres, events);
        forget(database);

        long parts = 0;
        while (database.texts("SELECT raw.site_tracking_erase_next()").get(0) != null) {
            parts++;
        }

        assertThat(parts).isEqualTo(3 + 1);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_tenant_day_b WHERE tenant_hk = '\\x%s'"
                                        .formatted(TestEvents.tenantHk("acme"))))
                .isEqualTo(3);
        assertSound(database);
    }

    /**
     * Whoever makes ids up must not fill the loaders' memory for ever; who was known stays erased.
     */
    @Test
    void forgetsTombstonesOfNobody(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        forget(database);
        forget(database, "{\"visitor_bk\": \"vis_00000000000000000000000000000000\"}");
        carryOut(database);
        String tombstones = "SELECT is_known::text FROM raw.site_tracking_tombstone_r ORDER BY 1";
        assertThat(database.texts(tombstones)).containsExactly("false", "true");

        // While a job's archive may bring what the database refused.
        try (Connection connection = database.connect()) {
            new Heartbeat(Layers.PRODUCTION, "load-events", "1", 40, "test").beat(connection);
        }
        String later =
                "UPDATE raw.site_tracking_tombstone_r SET erased_before = erased_before - INTERVAL '%d days'";
        database.execute(later.formatted(46));
        database.execute("SELECT raw.site_tracking_expire_next()");
        assertThat(database.texts(tombstones)).containsExactly("false", "true");
        database.execute(later.formatted(2));
        database.execute("SELECT raw.site_tracking_expire_next()");

        assertThat(database.texts(tombstones)).containsExactly("true");
    }

    /** Whoever asks before anything of the person is loaded, or when only rejected events are. */
    @Test
    void keepsTombstonesOfThoseOfWhomSomethingCame(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        List<String> people = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            people.add("vis_0000000000000000000000000000000" + i);
        }
        try (Connection connection = database.connect()) {
            Loader.ofRejected("test").load(connection, List.of(rejected(people.get(2))));
        }
        for (String bk : people) {
            forget(database, "{\"visitor_bk\": \"" + bk + "\"}");
        }
        carryOut(database);
        LoadedSessions.load(
                database,
                List.of(
                        event("of_visitor").visitor(people.get(0)).enriched(),
                        event("of_user").visitor("vis_1").user(people.get(1)).enriched(),
                        event("later")
                                .visitor(people.get(4))
                                .appendedAt(Instant.now().plusSeconds(60))
                                .enriched()));

        assertThat(
                        database.texts(
                                "SELECT encode(visitor_hk, 'hex') FROM raw.site_tracking_tombstone_r"
                                        + " WHERE NOT is_known"))
                .containsExactlyInAnyOrder(hk(people.get(3)), hk(people.get(4)));
        database.execute(
                "UPDATE raw.site_tracking_tombstone_r SET erased_before = erased_before - INTERVAL '31 days'");
        database.execute("SELECT raw.site_tracking_expire_next()");
        assertThat(
                        database.texts(
                                "SELECT encode(visitor_hk, 'hex') FROM raw.site_tracking_tombstone_r"))
                .containsExactlyInAnyOrder(
                        hk(people.get(0)),
                        hk(people.get(1)),
                        hk(people.get(2)),
                        hk(people.get(4)),
                        hk("vis_1"));
    }

    /** Also where raw and staging are over, and of a tombstone from when keys were believed. */
    @Test
    void leavesOtherTenantsAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        String stranger = "{\"visitor_hk\": \"" + hk("other", BK) + "\"}";
        for (String asked : List.of("forget", "export")) {
            String answer = "SELECT api.%s_visitor('acme', '%s')".formatted(asked, stranger);
            assertThat(database.texts(answer))
                    .singleElement()
                    .asString()
                    .contains("INVALID_ARGUMENT");
        }
        database.execute(
                """
                DELETE FROM raw.site_tracking_events_r;
                DELETE FROM staging.site_tracking_events_s;
                INSERT INTO raw.site_tracking_kept_r (tenant_hk, layer, kept_from, next_day, swept_at, dropped_partitions,
                       deleted_rows, load_date, record_source)
                SELECT tenant_hk, 'staging', now(), now(), now(), 0, 0, now(), 'test'
                  FROM auth.tenant_h""");
        forget(database);
        String others = hk("other", BK);
        database.execute(
                "UPDATE raw.site_tracking_tombstone_r SET visitor_hk = '\\x" + others + "'");
        List<String> before = found(database, TestEvents.tenantHk("other"));

        carryOut(database);

        assertThat(found(database, TestEvents.tenantHk("other"))).isEqualTo(before);
        LoadedSessions.load(database, List.of(event("new").tenant("other").visitor(BK).enriched()));
        String erased = "SELECT count(*) FROM business.event_session_l WHERE session_hk = '\\x%s'";
        assertThat(database.number(erased.formatted(hk("other", "sess_erased")))).isZero();
        assertThat(failedChecks(database)).noneMatch(failed -> failed.startsWith("erased_gone"));
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_dissolved_r")).isZero();
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_erased_r")).isZero();
    }

    /** Their payload names nobody, and a replay brings them again. */
    @Test
    void findsRejectedEventsOfAVisitor(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        Loader<RejectedEvent> loader = Loader.ofRejected("test");
        List<RejectedEvent> rejected = List.of(rejected(BK), rejected("vis_1"));
        String kept =
                "SELECT visitor_bk FROM raw.site_tracking_events_r WHERE processing_status = 'ERROR'";
        try (Connection connection = database.connect()) {
            loader.load(connection, rejected);
            assertThat(
                            database.texts(
                                    "SELECT line FROM api.export_visitor('acme', '{\"visitor_hk\": \"%s\"}') AS line WHERE line ->> 'kind' = 'rejected'"
                                            .formatted(hk(BK))))
                    .hasSize(1);
            forget(database, "{\"visitor_id\": \"[removed]\"}");
            assertThat(database.texts(kept)).hasSize(2);

            forget(database);
            carryOut(database);
            loader.load(connection, rejected);
        }

        assertThat(database.texts(kept)).containsExactly("vis_1");
    }

    private static RejectedEvent rejected(String visitorBk) {
        return new RejectedEvent(
                RejectReason.OUT_OF_RANGE,
                "scroll_depth",
                null,
                "acme",
                TestEvents.tenantHk("acme"),
                new Identity(null, visitorBk, null),
                TestEvents.START,
                "{\"visitor_id\":\"[removed]\"}",
                visitorBk.getBytes(StandardCharsets.UTF_8),
                new SourcePosition("events of " + visitorBk, 0, 0, TestEvents.START.plusSeconds(1)),
                null);
    }

    /** Who asks for much is not served before others. */
    @Test
    void tenantsTakeTurns(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        for (String tenant : List.of("acme", "acme", "acme", "other")) {
            database.texts(FORGET.formatted(tenant, hk(tenant, "vis_2")));
        }

        assertThat(List.of(served(database), served(database), served(database), served(database)))
                .containsExactly("acme", "other", "acme", "other");
    }

    /** The tenant whose part was carried out. */
    private static String served(TestDatabase database) throws SQLException {
        return database.texts(
                        "SELECT tenant_bk FROM raw.site_tracking_erase_next() AS erasure"
                                + " JOIN raw.site_tracking_erasure_r ON erasure_id = erasure"
                                + " JOIN auth.tenant_h USING (tenant_hk)")
                .get(0);
    }

    /** For want of space, or as the login's statements may not take so long. */
    @ParameterizedTest
    @ValueSource(strings = {"53100", "57014"})
    void oneThatFailsHoldsNobodyUpAndIsGivenUp(String code, TestPostgres postgres)
            throws Exception {
        TestDatabase database = loaded(postgres);
        database.execute(
                """
                CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$;
                CREATE TRIGGER fail BEFORE DELETE ON business.site_event_details_s
                   FOR EACH ROW WHEN (OLD.tenant_hk = '\\x%s') EXECUTE FUNCTION public.fail()"""
                        .formatted(code, TestEvents.tenantHk("acme")));
        for (String tenant : List.of("acme", "other")) {
            database.texts(FORGET.formatted(tenant, hk(tenant, "vis_2")));
        }
        carryOut(database);
        assertThat(database.texts(STATUS)).containsExactly("acme ERASING " + code, "other DONE");

        for (int tries = 1; tries < 10; tries++) {
            database.execute("UPDATE raw.site_tracking_erasure_r SET turn_at = '-infinity'");
            carryOut(database);
        }

        assertThat(database.texts(STATUS)).containsExactly("acme FAILED " + code, "other DONE");
        assertThat(
                        database.texts(
                                "SELECT api.get_erasures('acme') #>> '{data,erasures,0,failure}'"))
                .containsExactly(code);
        assertThat(database.texts(OPEN)).containsExactly("1");

        database.execute("DROP TRIGGER fail ON business.site_event_details_s");
        database.texts(FORGET.formatted("acme", hk("vis_3")));
        carryOut(database);
        assertThat(database.texts(OPEN)).containsExactly("1");
        database.texts(FORGET.formatted("acme", hk("vis_2")));
        carryOut(database);
        assertThat(database.texts(OPEN)).containsExactly("0");
    }

    @Test
    void aTenantMayHaveAHundredRequestsOpen(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        String asked = FORGET.formatted("acme", hk("vis_2"));
        database.texts(asked);
        database.execute(
                """
                INSERT INTO raw.site_tracking_erasure_r
                SELECT (jsonb_populate_record(held, jsonb_build_object('erasure_id', number))).*
                  FROM raw.site_tracking_erasure_r AS held
                 CROSS JOIN generate_series(2, 100) AS number""");

        assertThat(database.texts(asked).get(0)).contains("INVALID_ARGUMENT");
        assertThat(database.texts(FORGET.formatted("other", hk("other", "vis_2"))).get(0))
                .contains("\"success\": true");
    }

    /**
     * A run that follows a reprocess does not remember what was erased, and may go on with them;
     * what is kept of sums goes with it.
     */
    @Test
    void aReprocessMakesSessionsOfOthersAnew(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres);
        choose(database, "KEPT");
        forget(database);
        carryOut(database);
        assertThat(database.texts(SHARED)).isEmpty();
        List<EnrichedEvent> others = new ArrayList<>(events());
        others.removeIf(event -> event.admitted().visitorBk().equals(BK));
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        TestDatabase asLoader =
                new TestDatabase(database.url() + "&options=-c%20role=site_tracking_loader");
        LoadedSessions.load(asLoader, Layers.SHADOW, others);
        database.execute(
                "SELECT raw.site_tracking_reprocess_note("
                        + "'{\"state\": \"FOLLOWING\", \"shadow_job\": \"0\"}')");

        database.switchToShadow();

        assertThat(database.texts(SHARED)).containsExactly("1");
        assertThat(database.number(LATE)).isPositive().isEqualTo(database.number(TOLD_LATE));
        assertSound(database);
        others.add(shared(2, "vis_1", "mark_1"));
        LoadedSessions.load(database, others);
        assertThat(database.texts(SHARED)).containsExactly("2");
        database.execute("CALL raw.site_tracking_reprocess_undo()");
        LoadedSessions.load(database, others);
        assertThat(database.texts(SHARED)).isEmpty();
        // The ledger was told of none of these events.
        assertThat(failedChecks(database))
                .allMatch(failed -> failed.startsWith("ledger_matches_events "));
    }
}
