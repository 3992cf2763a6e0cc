package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.session.Publications;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the loader tells of closed sessions is what their links and events tell; the days on which
 * visitors met items, and the variants that sessions were shown, follow.
 */
@ExtendWith(PostgresExtension.class)
class SessionPathTest {

    private static final String PATHS =
            """
            SELECT p::text FROM business.site_session_path_b p
             UNION ALL
            SELECT v::text FROM business.site_session_variant_b v
             UNION ALL
            SELECT d::text FROM business.site_item_day_b d
             UNION ALL
            SELECT r::text FROM business.site_item_return_b r WHERE visitors <> 0
             ORDER BY 1""";

    /**
     * Of an hour and a half on each of three days, with instants that several share; each day's are
     * a session.
     */
    private static EnrichedEvent event(int number, Random random) {
        var event =
                TestEvents.event("e" + number)
                        .type("type " + (char) ('"' + random.nextInt(4)))
                        .url(random.nextInt(4) == 0 ? null : "https://a.example/" + number % 3)
                        .sequence(random.nextInt(5))
                        .appendedAt(TestEvents.START.plusSeconds(300_000 + number))
                        .occurredAt(
                                TestEvents.START
                                        .plusSeconds(random.nextInt(6) * 1_000L)
                                        .plus(random.nextInt(3), ChronoUnit.DAYS)
                                        .plusNanos(random.nextInt(3) * 1_000L));
        if (random.nextInt(3) == 0) {
            event.type("experiment_exposure");
            event.properties(
                    "{\"experiment_id\": \"x\", \"variant_id\": " + random.nextInt(2) + "}");
        }
        for (int i = random.nextInt(6) - 3; i > 0; i--) {
            event.item(new Item("i" + random.nextInt(3), null, null, null, null, null, null, null));
        }
        return event.enriched();
    }

    @RepeatedTest(2)
    void followsEventsThatComeLate(TestPostgres postgres, RepetitionInfo repetition)
            throws SQLException {
        Random random = new Random(repetition.getCurrentRepetition());
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        List<SessionEvent> arrived = new ArrayList<>();
        List<SessionUpdate> all = new ArrayList<>();
        Map<String, PublishedSession> published = Map.of();
        try (Connection connection = database.connect()) {
            var events = new EventLoader("test");
            var sessions = Loader.ofSessions("test");
            for (int number = 0; number < 30; number++) {
                EnrichedEvent event = event(number, random);
                assertThat(events.load(connection, List.of(event))).isEmpty();
                arrived.add(SelectedEvents.of(event));
                boolean over = number % 10 == 9 || random.nextBoolean();
                long watermark = TestEvents.START.toEpochMilli() + (over ? 200_000_000 : 0);
                var publication =
                        SessionPublisher.publish(
                                Sessionizer.sessionize(arrived), published, watermark, 0);
                published = Publications.after(published, publication);
                all.addAll(publication.updates());
                assertThat(sessions.load(connection, publication.updates())).isEmpty();
                if (number % 10 == 9) {
                    assertExact(connection);
                }
            }
            List<String> paths = database.texts(PATHS);
            assertThat(paths).isNotEmpty();

            Collections.shuffle(all, random);
            assertThat(sessions.load(connection, all)).isEmpty();
            assertThat(database.texts(PATHS)).isEqualTo(paths);
            database.execute("CALL business.site_rebuild_sessions()");
            assertThat(database.texts(PATHS)).isEqualTo(paths);
        }
    }

    private static void assertExact(Connection connection) throws SQLException {
        assertThat(VaultChecks.run(connection, 5))
                .filteredOn(result -> result.check().matches("session_.*|item_visitors_add_up"))
                .allSatisfy(result -> assertThat(result.violations()).isEmpty());
    }
}
