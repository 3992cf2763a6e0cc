package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose events are when raw and staging, which tell it of each, are over. */
@ExtendWith(PostgresExtension.class)
class RetainedVisitorTest {

    private static final String LABELS =
            "SELECT evt_label FROM business.site_event_details_s ORDER BY evt_label";

    private static final String EXPORTED =
            "SELECT line #>> '{event,evt_label}' FROM api.export_visitor('acme', '{\"visitor_hk\": \"%s\"}')"
                    + " AS line WHERE line ->> 'kind' = 'event' ORDER BY 1";

    private static final String EXPIRE = "SELECT raw.site_tracking_expire('2027-02-01')";

    private static final String KEEP =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, keep_raw_days, keep_staging_days, hash_diff, record_source)
            SELECT tenant_hk, now(), %s, %s, sha256(''), 'test'
              FROM auth.tenant_h""";

    /** Of a session that a and b share, of one of a's own, of none, and of a user on b's device. */
    private static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String visitor = i % 2 == 0 ? "a" : "b";
            events.add(made(i, visitor, "shared", visitor + "_shared_" + i / 2).enriched());
        }
        events.add(made(10, "a", "own", "a_own").enriched());
        events.add(made(11, "a", "late", "a_late").late().enriched());
        events.add(made(12, "b", "late", "b_late").late().enriched());
        events.add(made(13, "c", "of_c", "c_as_itself").enriched());
        events.add(made(14, "c", "of_c", "c_as_user_1").user("vis_user_1").enriched());
        events.add(made(15, "c", "of_c", "c_as_user_2").user("vis_user_2").enriched());
        return events;
    }

    private static TestEvents made(int minute, String visitor, String session, String label) {
        Instant at = START.plusSeconds(60L * minute);
        return event(label)
                .session(session)
                .visitor("vis_" + visitor)
                .label(label)
                .occurredAt(at)
                .appendedAt(at)
                .offset(minute);
    }

    private static TestDatabase over(TestPostgres postgres, int rawDays, int stagingDays)
            throws SQLException {
        TestDatabase database = LoadedVault.of(postgres, events());
        database.execute(KEEP.formatted(rawDays, stagingDays));
        for (String today : List.of("2026-11-25", "2026-12-10")) {
            while (database.texts("SELECT raw.site_tracking_expire('%s')".formatted(today)).get(0)
                    != null) {
                assertThat(LoadedVault.failedChecks(database)).isEmpty();
            }
        }
        assertThat(
                        database.number(
                                "SELECT (SELECT count(*) FROM raw.site_tracking_events_r)"
                                        + " + (SELECT count(*) FROM staging.site_tracking_events_s)"))
                .isZero();
        return database;
    }

    private static void erase(TestDatabase database, String visitor) throws SQLException {
        forget(database, "{\"visitor_hk\": \"" + hk("vis_" + visitor) + "\"}");
        carryOut(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    private static List<String> without(String... beginnings) {
        List<String> labels = new ArrayList<>();
        for (EnrichedEvent event : events()) {
            labels.add(event.admitted().event().action().label());
        }
        for (String beginning : beginnings) {
            labels.removeIf(label -> label.startsWith(beginning));
        }
        labels.sort(null);
        return labels;
    }

    private static void assertEachIsFound(TestDatabase database) throws SQLException {
        assertThat(database.texts(EXPORTED.formatted(hk("vis_a"))))
                .containsExactly("a_late", "a_own", "a_shared_0", "a_shared_1", "a_shared_2");
        assertThat(database.texts(EXPORTED.formatted(hk("vis_b"))))
                .containsExactly("b_late", "b_shared_0", "b_shared_1", "b_shared_2");
        assertThat(database.texts(EXPORTED.formatted(hk("vis_user_1"))))
                .containsExactly("c_as_user_1");
    }

    /** In whatever order the two go. */
    @ParameterizedTest
    @ValueSource(ints = {1, 10})
    void tellsWhoseAnEventWas(int rawDays, TestPostgres postgres) throws Exception {
        TestDatabase database = over(postgres, rawDays, 11 - rawDays);

        assertEachIsFound(database);
        // Those of the session that a and b share are of one of them by the session.
        assertThat(database.number("SELECT count(*) FROM business.site_event_visitor_b"))
                .isLessThan(events().size());
    }

    /** One after the other; of a session that is dissolved nothing tells any more. */
    @Test
    void erasesExactlyOne(TestPostgres postgres) throws Exception {
        TestDatabase database = over(postgres, 1, 1);

        erase(database, "a");
        assertThat(database.texts(LABELS)).isEqualTo(without("a_"));
        erase(database, "b");
        assertThat(database.texts(LABELS)).isEqualTo(without("a_", "b_"));
        erase(database, "user_2");
        assertThat(database.texts(LABELS)).isEqualTo(without("a_", "b_", "c_as_user_2"));
        erase(database, "c");
        assertThat(database.texts(LABELS)).isEmpty();
        assertThat(database.number("SELECT count(*) FROM business.site_event_visitor_b")).isZero();
    }

    @Test
    void goesAlongWithAReprocess(TestPostgres postgres) throws Exception {
        TestDatabase database = over(postgres, 1, 1);
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        LoadedSessions.load(database, Layers.SHADOW, events());
        database.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
        database.switchToShadow();

        assertEachIsFound(database);
    }

    /** And that a user was seen as a visitor with the visitor's last session. */
    @Test
    void endsWithTheEvents(TestPostgres postgres) throws Exception {
        TestDatabase database = over(postgres, 1, 1);
        String left =
                "SELECT (SELECT count(*) FROM business.site_event_visitor_b) || ' '"
                        + " || (SELECT count(*) FROM business.site_user_visitor_b)";
        database.execute("UPDATE auth.tenant_site_tracking_s SET keep_events_days = 31");
        expire(database);
        assertThat(database.texts(left)).containsExactly("0 2");

        database.execute("UPDATE auth.tenant_site_tracking_s SET keep_sessions_days = 31");
        expire(database);

        assertThat(database.texts(left)).containsExactly("0 0");
    }

    /** Of days that are over for all, which tenants look through again each in its own time. */
    @Test
    void anothersLateEventGoesAsItsOwnDoes(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = new ArrayList<>(events());
        events.add(made(16, "d", "of_d", "d_as_itself").tenant("other").enriched());
        TestDatabase database = LoadedVault.of(postgres, events);
        database.execute(KEEP.formatted(1, 1));
        // Else partitions of raw are not dropped.
        database.execute("UPDATE auth.tenant_site_tracking_s SET keep_rejected_days = 1");
        expire(database);
        loadLate(database, 17, "d_late");
        lookThroughAgain(database, "acme");
        expire(database);

        assertThat(
                        database.texts(
                                EXPORTED.replace("'acme'", "'other'")
                                        .formatted(hk("other", "vis_d"))))
                .containsExactly("d_as_itself", "d_late");

        database.execute("UPDATE auth.tenant_site_tracking_s SET keep_events_days = 31");
        expire(database);
        loadLate(database, 18, "d_later");
        lookThroughAgain(database, "acme");
        expire(database);

        assertThat(database.texts(LABELS)).isEmpty();
    }

    /** Who writes to a day while it is dropped waits: else it would go along uncounted. */
    @Test
    void noEventGoesUncounted(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = new ArrayList<>(events());
        EnrichedEvent early = made(16, "d", "of_d", "d_as_itself").tenant("other").enriched();
        events.add(early);
        TestDatabase database = LoadedVault.of(postgres, events);
        database.execute(KEEP.formatted(1, 1));
        database.execute("UPDATE auth.tenant_site_tracking_s SET keep_rejected_days = 1");
        EventLoader job = new EventLoader("test");
        ExecutorService others = Executors.newFixedThreadPool(2);
        try (Connection loading = database.connect();
                Connection counting = database.connect();
                Statement statement = counting.createStatement()) {
            // From then on it takes it that there are partitions.
            job.load(loading, List.of(early));
            expire(database);
            database.execute("UPDATE auth.tenant_site_tracking_s SET keep_events_days = 31");
            counting.setAutoCommit(false);
            // So that retention, which has counted what is there, waits before it notes that.
            statement.execute(
                    """
                    INSERT INTO raw.site_tracking_expired_r
                    SELECT '2026-11-20', tenant_hk, 0, 0, now(), 'test'
                      FROM auth.tenant_h
                     WHERE tenant_bk = 'acme'""");
            Future<List<String>> part = others.submit(() -> database.texts(EXPIRE));
            database.awaitWaiting(1);
            tellLedger(database, "d_late");
            List<EnrichedEvent> late = List.of(late(17, "d_late"));
            Future<?> loaded = others.submit(() -> job.load(loading, late));
            database.awaitWaiting(2, loaded);
            counting.rollback();

            assertThat(part.get()).containsExactly("events 2026-11-20");
            loaded.get();
            Loader.ofSessions("test").load(loading, LoadedSessions.updates(late));
        } finally {
            others.shutdownNow();
        }
        lookThroughAgain(database, "other");
        expire(database);

        assertThat(database.texts(LABELS)).isEmpty();
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    private static void loadLate(TestDatabase database, int minute, String label)
            throws SQLException {
        LoadedSessions.load(database, List.of(late(minute, label)));
        tellLedger(database, label);
    }

    private static EnrichedEvent late(int minute, String label) {
        return made(minute, "d", "of_d", label).tenant("other").late().enriched();
    }

    private static void tellLedger(TestDatabase database, String label) throws SQLException {
        database.execute(
                """
                INSERT INTO raw.site_tracking_ledger_r
                SELECT '2026-11-20', tenant_hk, outcome, '', '%s', 1, now(), 'test'
                  FROM auth.tenant_h
                 CROSS JOIN (VALUES ('RECEIVED'), ('ACCEPTED'), ('LATE')) AS outcomes (outcome)
                 WHERE tenant_bk = 'other'"""
                        .formatted(label));
    }

    private static void lookThroughAgain(TestDatabase database, String tenant) throws SQLException {
        database.execute(
                """
                UPDATE raw.site_tracking_kept_r
                   SET swept_at = swept_at - INTERVAL '31 days'
                 WHERE tenant_hk = (SELECT tenant_hk FROM auth.tenant_h WHERE tenant_bk = '%s')"""
                        .formatted(tenant));
    }

    private static void expire(TestDatabase database) throws SQLException {
        while (database.texts(EXPIRE).get(0) != null) {
            assertThat(LoadedVault.failedChecks(database)).isEmpty();
        }
    }
}
