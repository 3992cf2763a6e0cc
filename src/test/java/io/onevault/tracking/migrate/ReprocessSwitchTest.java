package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** The shadow becomes production, and production again what it was, as a whole or not at all. */
@ExtendWith(PostgresExtension.class)
final class ReprocessSwitchTest {

    private static final String SWITCH =
            "CALL raw.site_tracking_reprocess_complete(true);"
                    + " CALL raw.site_tracking_reprocess_switch()";
    private static final String UNDO = "CALL raw.site_tracking_reprocess_undo()";
    private static final String STATE =
            "SELECT string_agg(state, ' ' ORDER BY load_date) FROM raw.site_tracking_reprocess_r";

    /** Every function that clients call, as one of acme's logins does. */
    private static final List<String> QUESTIONS =
            List.of(
                    "api.get_tracking_system_status('acme')",
                    "api.get_ledger('acme', '2026-03-01', '2026-03-02')",
                    "api.get_session_analytics('acme', $period)",
                    "api.get_session_analytics('acme', $period || '{\"filters\":{\"device\":\"desktop\"}}')",
                    "api.get_realtime('acme')",
                    "api.get_funnel('acme', '[{\"evt_type\":\"page_view\"},{\"page_url\":\"/*\"}]', $period)",
                    "api.get_retention('acme', $period)",
                    "api.get_events('acme', $period)",
                    "api.get_items('acme', $period)",
                    "api.track_event('{\"tenantId\":\"acme\",\"evt_type\":\"page_view\"}')");

    private static final String PERIOD =
            "'{\"from\":\"2026-02-20T00:00:00Z\",\"to\":\"2026-03-20T00:00:00Z\"}'::jsonb";

    /** What is told of the vault's tables, and not of the time. */
    private static final List<String> ANALYTICS =
            List.of(
                    "api.get_ledger('acme', '2026-03-01', '2026-03-02')",
                    "api.get_session_analytics('acme', $period)",
                    "api.get_session_analytics('acme', $period || '{\"filters\":{\"device\":\"desktop\"}}')",
                    "api.get_funnel('acme', '[{\"evt_type\":\"page_view\"},{\"page_url\":\"/*\"}]', $period)",
                    "api.get_retention('acme', $period)",
                    "api.get_events('acme', $period)",
                    "api.get_items('acme', $period)",
                    "api.get_sessions('acme', $period)",
                    "api.get_sessions('acme', $period || '{\"filters\":{\"device\":\"desktop\"}}')",
                    "api.get_paths('acme', $period)",
                    "api.get_attribution('acme', $period)",
                    "api.get_visitor_journey('acme', $period || '{\"visitor\":\"v1\"}')",
                    "api.export_features('acme', '{\"features\":\"sessions\"}')");

    private static final String WAITING =
            "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'";

    /** Tells of one who waits for a lock on a table how many others of production's he has. */
    private static final String HELD_BY_WHO_WAITS =
            """
            SELECT (SELECT count(*) FROM pg_locks AS held
                     WHERE held.pid = waiting.pid
                       AND granted
                       AND mode = 'AccessExclusiveLock'
                       AND relation::regclass::text LIKE 'business.%')
              FROM pg_locks AS waiting
             WHERE NOT granted AND mode = 'AccessExclusiveLock' AND locktype = 'relation'""";

    private static final String TRIES_FOR_LONG =
            """
            SELECT count(*)
              FROM pg_stat_activity
             WHERE query LIKE 'CALL raw.site_tracking_reprocess_lock%'
               AND xact_start < clock_timestamp() - INTERVAL '5 seconds'""";

    /** Goes on with a transaction, and ends the snapshot of the query before. */
    private static final String NOTHING = "SET LOCAL work_mem = '8MB'";

    /** Fails at the n-th command that changes the schema from now on. */
    private static final String FAULT =
            """
            CREATE SEQUENCE public.commands;
            CREATE FUNCTION public.fault() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('public.commands') = $n THEN
                    RAISE EXCEPTION 'fault';
                END IF;
            END $$;
            CREATE EVENT TRIGGER fault ON ddl_command_end EXECUTE FUNCTION public.fault();
            """;

    /** Each row has a transaction id of its own. */
    private static final String AGE =
            """
            DO $$
            BEGIN
                CREATE TEMPORARY TABLE aged (n integer);
                FOR n IN 1..100100 LOOP
                    BEGIN
                        INSERT INTO aged VALUES (n);
                    EXCEPTION
                        WHEN unique_violation THEN NULL;
                    END;
                END LOOP;
            END $$""";

    private static TestDatabase built;

    private final TestPostgres postgres;
    private TestDatabase database;

    ReprocessSwitchTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeAll
    static void makeShadow(TestPostgres postgres) throws Exception {
        built = postgres.smallVault();
        ShadowTest.makeShadow(built);
        built.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
    }

    @BeforeEach
    void copy() throws SQLException {
        database = postgres.copyOf(built);
    }

    @Test
    void leavesTheSchemaAsItWas() throws Exception {
        String before = SchemaDump.of(database);
        List<String> partitions = partitions();

        database.execute(SWITCH);

        assertThat(SchemaDump.of(database)).isEqualTo(before);
        assertThat(partitions()).isEqualTo(partitions);
        assertThat(database.texts(STATE)).containsExactly("SWITCHED");
        database.execute(UNDO);
        assertThat(SchemaDump.of(database)).isEqualTo(before);
        assertThat(partitions()).isEqualTo(partitions);
        assertThat(database.texts(STATE)).containsExactly("UNDONE");
        database.execute(SWITCH);
        assertThat(SchemaDump.of(database)).isEqualTo(before);
        drop();
        assertThat(SchemaDump.of(database)).isEqualTo(before);
        assertThat(partitions()).isEqualTo(partitions);
        assertThat(database.texts(STATE)).containsExactly("DROPPED");
        database.migrate();
        assertThat(SchemaDump.of(database)).isEqualTo(before);
    }

    @Test
    void dropsInPartsAfterAnUndoToo() throws Exception {
        database.execute(SWITCH);
        database.execute(UNDO);
        long partitions =
                database.number(
                        "SELECT count(*) FROM raw.site_tracking_reprocess_objects('_shadow')"
                                + " WHERE kind = 'table' AND place > 0");
        int parts = 0;
        while (database.number("SELECT raw.site_tracking_reprocess_drop(20)") > 0) {
            parts++;
        }

        assertThat(partitions).isGreaterThan(40);
        assertThat((long) parts).isGreaterThanOrEqualTo(partitions / 20);
        assertThat(
                        database.texts(
                                "SELECT nspname FROM pg_namespace WHERE nspname ~ '_(shadow|former)$'"))
                .isEmpty();
    }

    /**
     * A pattern of all names is made for each text; of a year's partitions it would take minutes.
     */
    @Test
    void looksForNoPartitionInTexts() throws Exception {
        List<String> names =
                database.texts("SELECT unnest(raw.site_tracking_reprocess_names()) ORDER BY 1");

        assertThat(names)
                .contains("site_event_h", "site_sum_written_events", "event_session_current_v")
                .doesNotContainAnyElementsOf(
                        database.texts("SELECT relname FROM pg_class WHERE relispartition"));
    }

    /** Sessions of pools keep plans and compiled routines. */
    @Test
    void givesSessionsThatAskedBeforeTheNewAnswers() throws Exception {
        try (Connection pooled = database.connect();
                Statement statement = pooled.createStatement()) {
            List<String> before = answers(statement);
            database.execute(
                    "INSERT INTO business_shadow.site_rollup_b"
                            + " SELECT * FROM business.site_rollup_b");
            database.execute("UPDATE raw_shadow.site_tracking_ledger_r SET event_count = 0");

            database.execute(SWITCH);

            assertThat(answers(statement))
                    .isNotEqualTo(before)
                    .allMatch(answer -> answer.startsWith("true"));
            database.execute(UNDO);
            assertThat(answers(statement)).isEqualTo(before);
        }
    }

    @Test
    void isDoneOrNotDone() throws Exception {
        List<String> before = CatalogLines.of(database);
        long commands = commands();
        assertThat(commands).isGreaterThan(200);
        for (long n = 1; n <= commands; n += commands / 7) {
            database.execute(FAULT.replace("$n", String.valueOf(n)));
            assertThatThrownBy(() -> database.execute(SWITCH)).hasMessageContaining("fault");
            dropFault();
            assertThat(CatalogLines.of(database)).isEqualTo(before);
        }
        database.execute(SWITCH);
        List<String> switched = CatalogLines.of(database);
        database.execute(FAULT.replace("$n", String.valueOf(commands / 2)));
        assertThatThrownBy(() -> database.execute(UNDO)).hasMessageContaining("fault");
        dropFault();
        assertThat(CatalogLines.of(database)).isEqualTo(switched);
        assertThat(database.texts(STATE)).containsExactly("SWITCHED");
    }

    @Test
    void waitsForReadersWithoutHoldingUpOthers() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            reader.setAutoCommit(false);
            reads.execute("SELECT count(*) FROM business.site_session_b");
            Future<?> switching =
                    other.submit(
                            () -> {
                                database.execute(SWITCH);
                                return null;
                            });
            await("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
            assertThat(database.number("SELECT count(*) FROM business.site_event_h")).isPositive();
            assertThat(switching).isNotDone();
            reads.execute("SELECT count(*) FROM business.site_event_h");
            reader.commit();
            switching.get();
        } finally {
            other.shutdownNow();
        }
        assertThat(database.texts(STATE)).containsExactly("SWITCHED");
    }

    /** Or else a part of an answer would be of the former tables, or not fit to the others. */
    @Test
    void tellsWhoAsksMeanwhileOfTheNewTablesAlone() throws Exception {
        List<String> before = analytics();
        database.execute(
                "SELECT raw.site_tracking_reprocess_note('{\"counts\": {\"carried\": true}}')");
        ExecutorService others = Executors.newCachedThreadPool();
        List<Future<String>> waiting = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement switching = connection.createStatement()) {
            connection.setAutoCommit(false);
            switching.execute("CALL raw.site_tracking_reprocess_switch()");
            ANALYTICS.forEach(question -> waiting.add(others.submit(() -> told(question))));
            awaitWaitingOrDone(waiting);
            connection.commit();
            List<String> answers = new ArrayList<>();
            for (Future<String> answer : waiting) {
                answers.add(answer.get());
            }
            assertThat(answers).isEqualTo(analytics()).isNotEqualTo(before);
        } finally {
            others.shutdownNow();
        }
    }

    /** Who asks may come to any table, and has the first one as long. */
    @Test
    void letsWhoReadsComeToTheEnd() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            reader.setAutoCommit(false);
            reads.execute("SELECT api.get_ledger('acme')");
            Future<?> switching =
                    other.submit(
                            () -> {
                                database.execute(SWITCH);
                                return null;
                            });
            List<String> held = List.of();
            while (held.isEmpty() && !switching.isDone()) {
                held = database.texts(HELD_BY_WHO_WAITS);
            }
            reader.commit();
            switching.get();
            assertThat(held).containsExactly("0");
        } finally {
            other.shutdownNow();
        }
    }

    /** Each try is over at once, as nobody has the table. */
    @Test
    void waitsForASnapshotAsLongAsForATable() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            reader.setAutoCommit(false);
            reads.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            reads.execute("SELECT 1");
            Future<?> locking =
                    other.submit(
                            () -> {
                                database.execute(
                                        "CALL raw.site_tracking_reprocess_lock('{business.site_order_b}')");
                                return null;
                            });
            while (!locking.isDone() && database.number(TRIES_FOR_LONG) == 0) {
                Thread.onSpinWait();
            }
            reader.commit();
            locking.get();
        } finally {
            other.shutdownNow();
        }
    }

    /** One with an old snapshot, or with a table, holds up the exchange; another one does not. */
    @Test
    void saysWhoIsInTheWay() throws Exception {
        String await = "CALL raw.site_tracking_reprocess_await_others(0)";
        try (Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            reader.setAutoCommit(false);
            String refusal = "process " + reader.unwrap(PGConnection.class).getBackendPID() + " of";
            for (String table :
                    List.of("business.site_session_b", "business_shadow.site_order_b")) {
                reads.execute("SELECT count(*) FROM " + table);
                reads.execute(NOTHING);
                assertThatThrownBy(() -> database.execute(await)).hasMessageContaining(refusal);
                assertRefused(await, "ST025");
                reader.rollback();
            }
            reads.execute(NOTHING);
            database.execute(await);
            reader.rollback();
            reads.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            reads.execute("SELECT 1");
            assertRefused(await, "ST025");
        }
    }

    /** The next one is of other tables. */
    @Test
    void forgetsWhatWasCarriedOver() throws Exception {
        String counts = "SELECT counts::text FROM raw.site_tracking_reprocess_r";
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertThat(database.texts(counts).get(0)).contains("look");

        database.execute(SWITCH);

        assertThat(database.texts(counts)).containsExactly("{}");
        database.execute(UNDO);
        assertThat(database.texts(counts)).containsExactly("{}");
        assertRefused("CALL raw.site_tracking_reprocess_switch()", "ST021");
    }

    /** One that would take longer than the switch waits for anybody. */
    @Test
    void autovacuumGoesForASwitch() throws Exception {
        for (String table : List.of("business.site_order_b", "business_shadow.site_order_b")) {
            database.execute(
                    """
                    ALTER TABLE %s SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
                        autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)"""
                            .formatted(table));
        }
        database.execute(
                """
                INSERT INTO business.site_order_b
                SELECT '', sha256(n::text::bytea), now(), '', n, '' FROM generate_series(1, 50000) AS n""");
        database.execute("DELETE FROM business.site_order_b WHERE tenant_hk = ''");
        database.execute("ALTER SYSTEM SET autovacuum_naptime = 1");
        try {
            database.execute("SELECT pg_reload_conf()");
            await(
                    "SELECT count(*) FROM pg_stat_progress_vacuum"
                            + " WHERE relid = 'business.site_order_b'::regclass");

            database.execute(SWITCH);
        } finally {
            database.execute("ALTER SYSTEM RESET autovacuum_naptime");
            database.execute("SELECT pg_reload_conf()");
        }
        assertThat(database.texts(STATE)).containsExactly("SWITCHED");
    }

    /** Unlike another one it does not go for who waits. */
    @Test
    void waitsForAVacuumAgainstWraparoundBeforeAJobIsStopped() throws Exception {
        database.execute(
                """
                ALTER TABLE business.site_order_b SET (autovacuum_freeze_max_age = 100000,
                    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)""");
        database.execute(
                """
                INSERT INTO business.site_order_b
                SELECT '', sha256(n::text::bytea), now(), '', n, '' FROM generate_series(1, 50000) AS n""");
        database.execute(AGE);
        database.execute("ALTER SYSTEM SET autovacuum_naptime = 1");
        try {
            database.execute("SELECT pg_reload_conf()");
            await(
                    "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_progress_vacuum USING (pid)"
                            + " WHERE relid = 'business.site_order_b'::regclass"
                            + " AND query LIKE '%(to prevent wraparound)'");

            String await = "CALL raw.site_tracking_reprocess_await_others(0)";
            assertThatThrownBy(() -> database.execute(await))
                    .hasMessageContaining(
                            "business.site_order_b (to prevent wraparound) is in a transaction");
            assertRefused(await, "ST025");
        } finally {
            database.execute("ALTER SYSTEM RESET autovacuum_naptime");
            database.execute("SELECT pg_reload_conf()");
        }
    }

    @Test
    void refusesWhatWouldNotFit() throws Exception {
        assertRefused(UNDO, "ST021");
        assertRefused("CALL raw.site_tracking_reprocess_switch()", "ST021");
        database.execute("CREATE VIEW public.mine AS SELECT * FROM business.site_session_h");
        assertRefused(SWITCH, "ST024");
        assertRefused("CALL raw.site_tracking_reprocess_check_exchange('_shadow')", "ST024");
        database.execute("DROP VIEW public.mine");
        database.execute(
                "ALTER TABLE business.site_session_b ADD COLUMN more text;"
                        + " ALTER TABLE business_shadow.site_session_h ADD COLUMN more text");
        assertRefused(SWITCH, "ST022");
        drop();
        assertRefused(SWITCH, "ST021");
        assertRefused("SELECT raw.site_tracking_reprocess_drop()", "ST021");
    }

    private void awaitWaitingOrDone(List<Future<String>> asked) throws SQLException {
        long done;
        do {
            done = asked.stream().filter(Future::isDone).count();
        } while (done + database.number(WAITING) < asked.size());
    }

    private List<String> analytics() throws SQLException {
        List<String> answers = new ArrayList<>();
        for (String question : ANALYTICS) {
            answers.add(told(question));
        }
        return answers;
    }

    private String told(String question) throws SQLException {
        String call = question.replace("$period", PERIOD);
        return question + database.texts("SELECT " + call + "::text");
    }

    private void assertRefused(String call, String code) {
        assertThatThrownBy(() -> database.execute(call))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(code));
    }

    private void drop() throws SQLException {
        while (database.number("SELECT raw.site_tracking_reprocess_drop(20)") > 0) {
            // The next part, in a transaction of its own.
        }
    }

    private long commands() throws SQLException {
        database.execute(FAULT.replace("$n", "-1"));
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(SWITCH);
            connection.rollback();
        }
        long commands = database.number("SELECT last_value FROM public.commands");
        dropFault();
        return commands;
    }

    private void dropFault() throws SQLException {
        database.execute(
                "DROP EVENT TRIGGER fault; DROP FUNCTION public.fault; DROP SEQUENCE public.commands");
    }

    private List<String> partitions() throws SQLException {
        return database.texts(
                """
                SELECT concat_ws(' ', inhrelid::regclass, inhparent::regclass,
                    pg_get_expr(relpartbound, pg_class.oid), relrowsecurity)
                FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                JOIN pg_namespace AS n ON n.oid = relnamespace
                WHERE nspname IN ('raw', 'staging', 'business')
                ORDER BY 1
                """);
    }

    /** Without what depends on when it was asked. */
    private static List<String> answers(Statement statement) throws SQLException {
        List<String> answers = new ArrayList<>();
        for (String question : QUESTIONS) {
            String call = question.replace("$period", PERIOD);
            for (int again = 0; again < 6; again++) { // A plan is kept from the sixth time on.
                try (ResultSet row =
                        statement.executeQuery(
                                "SELECT (a ->> 'success') || ' ' || CASE WHEN $$"
                                        + question.substring(0, 15)
                                        + "$$ IN ('api.get_trackin', 'api.get_realtim', 'api.track_event')"
                                        + " THEN '' ELSE md5(a::text) END FROM (SELECT "
                                        + call
                                        + ") AS answer (a)")) {
                    row.next();
                    answers.add(row.getString(1));
                }
            }
        }
        return answers;
    }

    private void await(String count) throws SQLException {
        while (database.number(count) == 0) {
            Thread.onSpinWait();
        }
    }
}
