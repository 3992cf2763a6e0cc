package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.local.ErasedVisitor.leftOf;
import static io.onevault.tracking.local.ErasedVisitor.shared;
import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionPublisher.Publication;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is loaded while a part of an erasure is under way that nobody sees yet. The loader knows the
 * tombstone; that this reaches what it has in hand only the part tells.
 */
@ExtendWith(PostgresExtension.class)
class LoadedMeanwhileTest {

    private static final String SESSIONS =
            "SELECT count(*) FROM business.site_session_details_s WHERE client_session_id = 'shared'";

    private static final String EXPIRE = "SELECT raw.site_tracking_expire('2027-12-01')";

    /** The first one's, in which the erased visitor took part. */
    private static List<EnrichedEvent> visit() {
        return List.of(
                shared(0, "vis_1", "mark_1"),
                shared(1, BK, "mark_0"),
                shared(2, "vis_1", "mark_1"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noSessionOfAnErasedVisitorStays(boolean known, TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, List.of());
        LoadedSessions.loadEvents(database, Layers.PRODUCTION, visit());
        Publication open = told(visit().subList(0, 2), Map.of(), START.toEpochMilli());
        if (known) {
            load(database, open.updates());
        }
        Publication closed = told(visit(), known ? open.changed() : Map.of(), Long.MAX_VALUE);
        forget(database);

        whileAPartIsUnderWay(database, () -> load(database, closed.updates()));
        carryOut(database);

        assertThat(database.number(SESSIONS)).isZero();
        assertSound(database);
    }

    /** Without an id, and in another network, it seems to be somebody else's. */
    @Test
    void noErasedEventComesAgain(TestPostgres postgres) throws Exception {
        EnrichedEvent sent = event("sent").visitor(BK).label("mark_0").enriched();
        TestDatabase database = LoadedVault.of(postgres, List.of(sent));
        forget(database);
        EnrichedEvent again = event("sent").visitor("vis_away").label("mark_0").enriched();

        whileAPartIsUnderWay(
                database,
                () -> {
                    LoadedSessions.loadEvents(
                            database,
                            Layers.PRODUCTION,
                            List.of(ErasedVisitor.at(again, Instant.now().plusSeconds(60), null)));
                    return null;
                });
        carryOut(database);

        assertSound(database);
    }

    /** As a loader left it that did not wait for the part. */
    @Test
    void aSessionWithoutAKeyGoesWithItsVisitor(TestPostgres postgres) throws Exception {
        TestDatabase database = withoutKey(postgres);

        forget(database, "{\"visitor_hk\": \"" + hk("vis_1") + "\"}");
        carryOut(database);

        assertThat(database.number(SESSIONS)).isZero();
        assertWhole(database);
    }

    @Test
    void aSessionWithoutAKeyExpires(TestPostgres postgres) throws Exception {
        TestDatabase database = withoutKey(postgres);
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, keep_events_days, keep_sessions_days, hash_diff, record_source)
                SELECT tenant_hk, clock_timestamp(), 31, 31, sha256(''), 'test'
                  FROM auth.tenant_h""");

        while (database.texts(EXPIRE).get(0) != null) {}

        assertThat(database.number(SESSIONS)).isZero();
        assertWhole(database);
    }

    private static TestDatabase withoutKey(TestPostgres postgres) throws SQLException {
        TestDatabase database = LoadedVault.of(postgres, visit());
        database.execute("DELETE FROM business.site_session_h");
        return database;
    }

    private static void whileAPartIsUnderWay(TestDatabase database, Callable<Void> load)
            throws Exception {
        ExecutorService job = Executors.newSingleThreadExecutor();
        try (Connection relay = database.connect();
                Statement part = relay.createStatement()) {
            relay.setAutoCommit(false);
            part.execute("SELECT raw.site_tracking_erase_next()");
            Future<Void> loading = job.submit(load);
            database.awaitWaiting(1, loading);
            relay.commit();
            loading.get();
        } finally {
            job.shutdownNow();
        }
    }

    private static Publication told(
            List<EnrichedEvent> events, Map<String, PublishedSession> before, long watermark) {
        var sessions = Sessionizer.sessionize(events.stream().map(SelectedEvents::of).toList());
        return SessionPublisher.publish(sessions, before, watermark, 0);
    }

    private static Void load(TestDatabase database, List<SessionUpdate> updates)
            throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(Loader.ofSessions("test").load(connection, updates)).isEmpty();
        }
        return null;
    }

    private static void assertSound(TestDatabase database) throws SQLException {
        assertThat(leftOf(database)).isEmpty();
        assertWhole(database);
    }

    /** The ledger was told of none of the events that come later. */
    private static void assertWhole(TestDatabase database) throws SQLException {
        assertThat(LoadedVault.failedChecks(database))
                .allMatch(failed -> failed.startsWith("ledger_matches_events "));
    }
}
