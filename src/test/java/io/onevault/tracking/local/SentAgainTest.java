package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.events;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.leftOf;
import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Layers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was erased, and a client sends once more after that: by its tombstone it would be kept. */
@ExtendWith(PostgresExtension.class)
class SentAgainTest {

    private static final String FORGOTTEN = "SELECT count(*) FROM raw.site_tracking_forgotten_r";

    private static TestDatabase erased(TestPostgres postgres) throws SQLException {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database);
        carryOut(database);
        database.execute("DELETE FROM raw.site_tracking_forgotten_r");
        return database;
    }

    /** What is erased goes on to no session. */
    private static List<EnrichedEvent> again(@Nullable Recovery recovered) {
        Instant later = Instant.now().plusSeconds(60);
        List<EnrichedEvent> again = new ArrayList<>();
        for (EnrichedEvent event : events()) {
            if (isErased(event)) {
                again.add(ErasedVisitor.at(event, later, recovered));
            }
        }
        return again;
    }

    private static boolean isErased(EnrichedEvent event) {
        return event.admitted().tenantBk().equals("acme")
                && event.admitted().visitorBk().equals(BK);
    }

    private static void assertSound(TestDatabase database) throws SQLException {
        assertThat(leftOf(database)).isEmpty();
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** The job's archive has it, as it did not know the event any more. */
    @Test
    void isErasedAgain(TestPostgres postgres) throws Exception {
        TestDatabase database = erased(postgres);

        LoadedSessions.loadEvents(database, Layers.PRODUCTION, again(null));

        assertSound(database);
        assertThat(database.number(FORGOTTEN)).isEqualTo(36);
    }

    /** By an entry that does not tell when it came first. */
    @Test
    void isErasedAgainWhenItIsRecovered(TestPostgres postgres) throws Exception {
        TestDatabase database = erased(postgres);

        LoadedSessions.loadEvents(
                database,
                Layers.PRODUCTION,
                again(
                        new Recovery(
                                "rejected", 0, 0, Instant.EPOCH, RejectReason.DATABASE_REFUSED)));

        assertSound(database);
    }

    /** Out of a savepoint from before the job forgot it; the shadow never had the first one. */
    @Test
    void isErasedAgainByAReprocess(TestPostgres postgres) throws Exception {
        TestDatabase database = erased(postgres);
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }

        List<EnrichedEvent> others = events();
        others.removeIf(SentAgainTest::isErased);
        LoadedSessions.load(database, Layers.SHADOW, others);
        LoadedSessions.loadEvents(database, Layers.SHADOW, again(null));

        assertThat(leftOf(database)).isEmpty();
        database.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
        database.switchToShadow();
        assertSound(database);
    }

    /** Without an id its visitor is another one in another network, and the event is the same. */
    @Test
    void isErasedAgainWhoeverItSeemsToBeOf(TestPostgres postgres) throws Exception {
        TestDatabase database =
                LoadedVault.of(postgres, List.of(event("sent").visitor("vis_home").enriched()));
        forget(database, "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_home") + "\"}");
        carryOut(database);
        EnrichedEvent again = event("sent").visitor("vis_away").label("mark_0").enriched();

        LoadedSessions.loadEvents(
                database,
                Layers.PRODUCTION,
                List.of(ErasedVisitor.at(again, Instant.now().plusSeconds(60), null)));

        assertSound(database);
    }

    /** Another event of the same visitor is none of those. */
    @Test
    void whatIsNewIsKept(TestPostgres postgres) throws Exception {
        TestDatabase database = erased(postgres);
        EnrichedEvent news = event("news").visitor(BK).occurredAt(START.plusSeconds(7)).enriched();

        LoadedSessions.load(
                database, List.of(ErasedVisitor.at(news, Instant.now().plusSeconds(60), null)));

        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_event_details_s AS details"
                                        + " JOIN business.site_event_h USING (event_hk)"
                                        + " WHERE event_bk = 'evt_news'"))
                .isEqualTo(1);
    }
}
