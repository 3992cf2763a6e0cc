package io.onevault.tracking.vault;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.click;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions that were written before a failure and do not come about again in the replay. */
@ExtendWith(PostgresExtension.class)
class StoredSessionsTest {

    private static final String STATES =
            """
            SELECT session_bk || ' ' || session_status || ' ' || total_events
                   || coalesce(' ' || successor_session_bks::text, '')
              FROM business.site_session_h
              JOIN business.site_session_details_s USING (session_hk)
             ORDER BY 1""";

    private static Sessions sessions(SessionEvents... events) {
        return Sessionizer.sessionize(Stream.of(events).map(SessionEvents::make).toList());
    }

    /** What a run without memory of earlier ones publishes. */
    private static List<SessionUpdate> publication(Sessions sessions) {
        return publication(sessions, Long.MIN_VALUE);
    }

    private static List<SessionUpdate> publication(Sessions sessions, long watermark) {
        SessionSpan span =
                new SessionSpan(
                        "sess_s1",
                        START,
                        START.plus(Duration.ofHours(2)),
                        SessionSpan.of(sessions.sessions()).sessions());
        return new ArrayList<>(
                SessionPublisher.publish(sessions, Map.of(), watermark, 0).updates().stream()
                        .map(update -> update.within(span))
                        .toList());
    }

    private static void load(TestDatabase database, List<SessionUpdate> updates)
            throws SQLException {
        try (Connection connection = database.connect()) {
            LoadedVault.write(new SessionLoader("test"), connection, updates);
        }
    }

    @Test
    void areSupersededByThoseThatTookTheirEvents(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        load(database, publication(sessions(pageView(60_000))));

        List<SessionUpdate> replay = publication(sessions(click(0), pageView(60_000)));
        load(database, replay);
        load(database, replay);

        long start = START.toEpochMilli();
        assertThat(database.texts(STATES))
                .containsExactly(
                        "sess_s1." + start + " OPEN 2",
                        "sess_s1." + (start + 60_000) + " SUPERSEDED 0 {sess_s1." + start + "}");
    }

    @Test
    void comeBackWhenTheReplayMakesThemAgain(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        load(database, publication(sessions(click(0), pageView(60_000))));

        load(database, publication(sessions(pageView(60_000))));
        String start = "sess_s1." + START.toEpochMilli();
        String later = "sess_s1." + (START.toEpochMilli() + 60_000);
        assertThat(database.texts(STATES))
                .containsExactly(start + " SUPERSEDED 0 {" + later + "}", later + " OPEN 1");
        Sessions whole = sessions(click(0), pageView(60_000));
        load(database, publication(whole));

        assertThat(current(database)).containsExactly(start + " 2");
    }

    @Test
    void loseEventsThatTheyDoNotHaveWhenTheyClose(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        SessionEvents landing = pageView(30_000).source("other").appended(0);
        load(database, publication(sessions(pageView(0), click(60_000))));

        Sessions truth = sessions(pageView(0), landing, click(60_000));
        load(database, publication(truth, Long.MAX_VALUE));
        load(database, publication(truth, Long.MAX_VALUE));

        long start = START.toEpochMilli();
        assertThat(current(database))
                .containsExactlyInAnyOrder(
                        "sess_s1." + start + " 1", "sess_s1." + (start + 30_000) + " 2");
        assertThat(database.number("SELECT count(*) FROM business.site_session_details_s"))
                .isEqualTo(2);
    }

    /** The one before it, which had to come after what was stored, is of the same micro-batch. */
    @Test
    void areFollowedByTheLastOfAMicroBatch(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        SessionEvents other = click(30_000).appended(1);
        load(database, publication(sessions(click(0), other), Long.MAX_VALUE));

        SessionEvents third = pageView(70_000).appended(0);
        List<SessionUpdate> updates =
                publication(sessions(click(0), click(60_000).appended(0)), Long.MAX_VALUE);
        updates.addAll(
                publication(sessions(click(0), click(60_000).appended(0), third), Long.MAX_VALUE));
        load(database, updates);

        assertThat(current(database)).containsExactly("sess_s1." + START.toEpochMilli() + " 3");
    }

    @Test
    void areFoundOnceByManySpansInOneBatch(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        load(database, publication(sessions(pageView(60_000))));

        List<SessionUpdate> updates = publication(sessions(click(0), pageView(60_000)));
        updates.addAll(publication(sessions(click(0), pageView(60_000), click(70_000))));
        load(database, updates);

        assertThat(current(database)).containsExactly("sess_s1." + START.toEpochMilli() + " 3");
    }

    private static List<String> current(TestDatabase database) throws SQLException {
        return database.texts(
                """
                SELECT session_bk || ' ' || total_events
                  FROM business.site_session_details_current_v
                  JOIN business.site_session_h USING (session_hk)""");
    }

    @Test
    void ofOtherIdsAndOtherTimesAreLeftAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        load(database, publication(sessions(pageView(3 * 3_600_000))));

        load(database, publication(sessions(pageView(0))));

        assertThat(database.texts(STATES)).hasSize(2).noneMatch(s -> s.contains("SUPERSEDED"));
    }
}
