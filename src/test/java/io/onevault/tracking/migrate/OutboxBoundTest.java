package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** How much of one tenant may wait in the outbox, and what callers of it cost each other. */
@ExtendWith(PostgresExtension.class)
class OutboxBoundTest {

    private static final String TRACK =
            """
            SELECT api.track_event(jsonb_agg(jsonb_build_object(
                'tenantId', '%s', 'evt_type', 'page_view', 'n', n, 'evt_label', repeat('x', %d))))::text
            FROM generate_series(1, %d) AS n""";

    private static final String WAITING = "SELECT count(*) FROM raw.site_tracking_outbox_r";

    private static final int CALLERS = 12;
    private static final int BOUND = 300;

    private final TestDatabase database;

    OutboxBoundTest(TestPostgres postgres) throws SQLException {
        database = postgres.vault();
    }

    @BeforeEach
    void register() throws Exception {
        database.execute(
                "INSERT INTO auth.tenant_h SELECT util.hash_binary(bk), bk, now(), 'test'"
                        + " FROM unnest(ARRAY['acme', 'other']) AS bk");
    }

    @Test
    void takesAsManyOfTheFirstEventsAsThereIsRoomFor() throws Exception {
        bound("max_waiting_events", 5);

        assertThat(track("acme", 1, 3)).contains("\"events_accepted\": 3");
        String cut = track("acme", 1, 4);
        String full = track("acme", 1, 1);

        assertThat(cut)
                .contains("\"success\": true", "\"events_accepted\": 2")
                .contains("{\"index\": 2, \"error_code\": \"TOO_MANY_WAITING\"}")
                .contains("{\"index\": 3, \"error_code\": \"TOO_MANY_WAITING\"}");
        assertThat(full).contains("\"success\": false", "\"error_code\": \"TOO_MANY_WAITING\"");
        assertThat(track("other", 1, 10)).contains("\"events_accepted\": 10");
        assertSound(15);
    }

    @Test
    void countsBytesBeforeTheyAreCompressed() throws Exception {
        bound("max_waiting_bytes", 100_000);

        assertThat(track("acme", 60_000, 1)).contains("\"events_accepted\": 1");
        assertThat(track("acme", 60_000, 1)).contains("TOO_MANY_WAITING");
        assertThat(track("acme", 10_000, 1)).contains("\"events_accepted\": 1");
        assertSound(2);
    }

    @Test
    void hasRoomAgainForWhatWasSentOrRolledBack() throws Exception {
        bound("max_waiting_events", 5);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(TRACK.formatted("acme", 1, 5));
            assertThat(text(statement, TRACK.formatted("acme", 1, 1))).contains("TOO_MANY_WAITING");
            connection.rollback();
            statement.execute(TRACK.formatted("acme", 1, 5));
            connection.commit();
        }

        database.execute(
                "DELETE FROM raw.site_tracking_outbox_r WHERE (payload::jsonb ->> 'n')::int <= 2");

        assertThat(track("acme", 1, 5)).contains("\"events_accepted\": 2");
        assertSound(5);
        database.execute("TRUNCATE raw.site_tracking_outbox_r");
        assertThat(track("acme", 1, 5)).contains("\"events_accepted\": 5");
        assertSound(5);
    }

    @Test
    void callersAtOnceExceedTheBoundByNoMoreThanWhatTheyHaveInHand() throws Exception {
        bound("max_waiting_events", BOUND);
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<Integer>> accepted = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                accepted.add(threads.submit(this::trackUntilRefused));
            }
            int sum = 0;
            for (Future<Integer> caller : accepted) {
                sum += caller.get();
            }

            assertThat(sum).isBetween(BOUND, BOUND + CALLERS - 1);
            assertSound(sum);
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void noCallerWaitsForAnother() throws Exception {
        track("acme", 1, 1); // leaves a part that all of them could take
        for (String isolation : List.of("READ COMMITTED", "REPEATABLE READ")) {
            List<Connection> open = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Connection connection = database.connect();
                open.add(connection);
                Statement statement = connection.createStatement();
                statement.execute("SET lock_timeout = '2s'");
                statement.execute("BEGIN ISOLATION LEVEL " + isolation);
                // Everybody has seen the same before anybody writes.
                statement.execute("SELECT count(*) FROM raw.site_tracking_waiting_r");
            }
            for (Connection connection : open) {
                try (Statement statement = connection.createStatement()) {
                    assertThat(text(statement, TRACK.formatted("acme", 1, 1)))
                            .contains("\"events_accepted\": 1");
                }
            }
            for (Connection connection : open) {
                connection.createStatement().execute("COMMIT");
                connection.close();
            }
        }
        assertSound(1 + 2 * CALLERS);
    }

    @Test
    void aTransactionTracksThoughOthersDidSinceItsSnapshot() throws Exception {
        track("acme", 1, 1);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SELECT count(*) FROM raw.site_tracking_waiting_r");
            track("acme", 1, 1);

            assertThat(text(statement, TRACK.formatted("acme", 1, 1)))
                    .contains("\"events_accepted\": 1");
            statement.execute("COMMIT");
        }
        assertSound(3);
    }

    @Test
    void countsInFewPartsHoweverItsCallersIsolateThemselves() throws Exception {
        for (int i = 0; i < 200; i++) {
            database.execute(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; "
                            + TRACK.formatted("acme", 1, 1)
                            + "; COMMIT");
        }
        String parts = "SELECT count(*) FROM raw.site_tracking_waiting_r";
        assertThat(database.number(parts)).isEqualTo(200);

        database.execute(
                "DELETE FROM raw.site_tracking_outbox_r WHERE outbox_id IN"
                        + " (SELECT outbox_id FROM raw.site_tracking_outbox_r LIMIT 10)");

        assertThat(database.number(parts)).isLessThan(70);
        assertSound(190);
    }

    @Test
    void notifiesNobody() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN site_tracking_outbox");
            statement.execute(TRACK.formatted("acme", 1, 1));

            assertThat(connection.unwrap(PGConnection.class).getNotifications(1)).isEmpty();
        }
        assertThat(
                        database.texts(
                                "SELECT proname FROM pg_proc WHERE prosrc ~* '(pg_notify|NOTIFY )'"
                                        + " AND proowner = 'site_tracking_owner'::regrole"))
                .isEmpty();
    }

    private int trackUntilRefused() throws SQLException {
        int accepted = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            while (text(statement, TRACK.formatted("acme", 1, 1)).contains("\"success\": true")) {
                accepted++;
            }
        }
        return accepted;
    }

    private void bound(String setting, int most) throws SQLException {
        database.execute(
                ("INSERT INTO auth.tenant_site_tracking_s"
                                + " (tenant_hk, load_date, %s, hash_diff, record_source)"
                                + " VALUES (util.hash_binary('acme'), now(), %d, sha256('h'), 'test')")
                        .formatted(setting, most));
    }

    private String track(String tenant, int characters, int events) throws SQLException {
        return database.texts(TRACK.formatted(tenant, characters, events)).get(0);
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** So many events wait, and are counted. */
    private void assertSound(int waiting) throws Exception {
        assertThat(database.number(WAITING)).isEqualTo(waiting);
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, List.of("outbox_counted.sql"), 10))
                    .allMatch(VaultChecks.Result::passed);
        }
    }
}
