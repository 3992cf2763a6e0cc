package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
final class PartitionsTest {

    private static final int TABLES = 7;
    private static final String ENSURE =
            "SELECT raw.site_tracking_ensure_partitions('2026-03-01', '2026-03-03')";

    private final TestPostgres postgres;
    private TestDatabase database;

    PartitionsTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        database = postgres.vault();
    }

    @Test
    void areCreatedAheadByTheScripts() throws Exception {
        assertThat(
                        database.number(
                                """
                                SELECT raw.site_tracking_ensure_partitions(
                                    (now() AT TIME ZONE 'UTC')::date - 1,
                                    (now() AT TIME ZONE 'UTC')::date + 6)
                                """))
                .isZero();
    }

    @Test
    void areCreatedOnce() throws Exception {
        assertThat(database.number(ENSURE)).isEqualTo(3 * TABLES);
        assertThat(database.number(ENSURE)).isZero();
    }

    /** A sample is 300 rows for the most that a column wants. */
    @Test
    void areSampledWithAFewThousandRows() throws Exception {
        database.number(ENSURE);

        assertThat(
                        database.number(
                                """
                                SELECT max(coalesce(attstattarget, 100))
                                  FROM pg_attribute
                                 WHERE attrelid = 'raw.site_tracking_events_r_p20260302'::regclass
                                   AND attnum > 0"""))
                .isEqualTo(10);
    }

    @Test
    void startAndEndAtMidnightUtc() throws Exception {
        database.number(ENSURE);
        insertEvents("2026-03-02 00:00:00Z", "2026-03-02 23:59:59.999999Z");

        assertThat(rowsOf("site_event_h_p20260302")).isEqualTo(2);
    }

    @Test
    void keepRowsOfOtherDaysInTheDefaultPartition() throws Exception {
        insertEvents("1999-12-31 12:00:00Z");

        assertThat(rowsOf("site_event_h_pdefault")).isEqualTo(1);
    }

    @Test
    void areNotCreatedForDaysInTheDefaultPartition() throws Exception {
        insertEvents("2026-03-02 12:00:00Z");

        assertThat(database.number(ENSURE)).isEqualTo(3 * TABLES - 1);
        assertThat(database.number(ENSURE)).isZero();
        assertThat(rowsOf("site_event_h_pdefault")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "'2026-03-02', '2026-03-01', ST001",
                "'2026-03-01', NULL, ST001",
                "NULL, '2026-03-01', ST001",
                "'2026-03-01', '2027-04-05', ST001",
                "'1999-12-31', '2000-01-01', ST002",
                "'2100-01-01', '2100-01-02', ST002",
                "'-infinity', 'infinity', ST002"
            })
    void areRefusedForBadRanges(String from, String to, String sqlState) {
        String call = "SELECT raw.site_tracking_ensure_partitions(%s, %s)".formatted(from, to);

        assertThatThrownBy(() -> database.number(call))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
    }

    @Test
    void areCreatedInPortionsOverLongRanges() throws Exception {
        // 64 locks a transaction x 100 connections / 16 partitions at a time.
        String call = "SELECT raw.site_tracking_ensure_partitions('2026-03-01', '2026-04-29')";

        assertThat(database.number(call)).isEqualTo(400);
        assertThat(database.number(call)).isEqualTo(60 * TABLES - 400);
        assertThat(database.number(call)).isZero();
    }

    @Test
    void areCreatedOnceByConcurrentCallers() throws Exception {
        List<Long> created = inParallel(4, () -> database.number(ENSURE));

        assertThat(created).containsExactlyInAnyOrder(3L * TABLES, 0L, 0L, 0L);
    }

    @Test
    void areCreatedWhileLoadersInsertIntoTheVeryDays() throws Exception {
        try (Connection connection = database.connect();
                Statement loader = connection.createStatement()) {
            CountDownLatch loading = new CountDownLatch(1);
            ExecutorService executor = Executors.newSingleThreadExecutor();
            Future<Long> created =
                    executor.submit(
                            () -> {
                                loading.await();
                                return database.number(
                                        "SELECT raw.site_tracking_ensure_partitions("
                                                + "'2026-03-01', '2026-03-20')");
                            });
            int events = 0;
            while (!created.isDone()) {
                events++;
                loader.execute(
                        insert("timestamptz '2026-03-01Z' + " + events + " * interval '1h'"));
                loading.countDown();
            }
            executor.shutdown();

            assertThat(created.get()).isPositive();
            assertThat(database.number("SELECT count(*) FROM business.site_event_h"))
                    .isEqualTo(events);
        }
    }

    @Test
    void needNoLockWhenNothingIsMissing() throws Exception {
        database.number(ENSURE);
        try (Connection connection = database.connect();
                Statement blocker = connection.createStatement()) {
            connection.setAutoCommit(false);
            blocker.execute("LOCK TABLE business.site_event_h IN ACCESS EXCLUSIVE MODE");
            blocker.execute("SELECT pg_advisory_xact_lock(hashtextextended('site_tracking', 0))");

            assertThat(withStatementTimeout(ENSURE)).isZero();
        }
    }

    @Test
    void giveWayToALoaderThatHoldsALaterTable() throws Exception {
        try (Connection connection = database.connect();
                Statement loader = connection.createStatement()) {
            connection.setAutoCommit(false);
            loader.execute(insert("timestamptz '1999-01-01Z'"));

            // Raw and staging come first, the event hub is locked by the loader.
            assertThat(withStatementTimeout(ENSURE)).isEqualTo(2);
            connection.commit();
        }

        assertThat(database.number(ENSURE)).isEqualTo(3 * TABLES - 2);
    }

    @Test
    void ofADayAreDroppedAllOrNone() throws Exception {
        database.number(ENSURE);
        String drop = "SELECT raw.site_tracking_drop_partitions('{raw,business}', '2026-03-02')";
        try (Connection connection = database.connect();
                Statement loader = connection.createStatement()) {
            connection.setAutoCommit(false);
            loader.execute(insert("timestamptz '2026-03-02Z'"));

            assertThat(withStatementTimeout(drop)).isZero();
            connection.commit();
        }

        assertThat(database.number(drop)).isEqualTo(TABLES - 1);
        assertThat(database.number(drop)).isZero();
        assertThat(database.number(ENSURE)).isEqualTo(TABLES - 1);
    }

    /** Which has the parent, that dropping a partition wants. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areNotDroppedWhileALoaderWaits(boolean forPartition) throws Exception {
        database.number(ENSURE);
        database.execute("CREATE TABLE public.orders (id integer PRIMARY KEY)");
        String row = "INSERT INTO public.orders VALUES (1) ON CONFLICT DO NOTHING";
        String hold = "SELECT raw.site_tracking_hold_partitions('{business}', '2026-03-02')";
        String insert = insert("timestamptz '2026-03-02Z'");
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection dropping = database.connect();
                Statement dropper = dropping.createStatement();
                Connection loading = database.connect();
                Statement loader = loading.createStatement()) {
            // So that it is the one that finds a deadlock, and at once.
            dropper.execute("SET deadlock_timeout = '10ms'");
            loader.execute("SET deadlock_timeout = '1min'");
            dropping.setAutoCommit(false);
            dropper.execute(forPartition ? hold : row);
            loading.setAutoCommit(false);
            loader.execute(insert("timestamptz '2026-03-03Z'"));
            Future<Boolean> waiting =
                    executor.submit(() -> loader.execute(forPartition ? insert : row));
            database.awaitWaiting(1, waiting);
            assertThat(waiting.isDone()).isFalse();

            dropper.execute("SELECT raw.site_tracking_drop_partitions('{business}', '2026-03-02')");
            dropping.commit();

            waiting.get();
            loading.commit();
        } finally {
            executor.shutdownNow();
        }
        assertThat(database.number(ENSURE)).isZero();
    }

    private long withStatementTimeout(String query) throws SQLException {
        return new TestDatabase(database.url() + "&options=-c%20statement_timeout=20s")
                .number(query);
    }

    private void insertEvents(String... times) throws SQLException {
        for (String time : times) {
            database.execute(insert("timestamptz '" + time + "'"));
        }
    }

    private static String insert(String time) {
        return "INSERT INTO business.site_event_h SELECT t, sha256(t::text::bytea), 'evt',"
                + " sha256('1'), t, 'test' FROM (SELECT "
                + time
                + " AS t) AS events";
    }

    private long rowsOf(String partition) throws SQLException {
        return database.number("SELECT count(*) FROM business." + partition);
    }

    private static <T> List<T> inParallel(int callers, Callable<T> call) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(Collections.nCopies(callers, call))) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdown();
        }
    }
}
