package io.onevault.tracking.bench;

import io.onevault.tracking.bench.feed.Sending;
import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.migrate.Migration;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.postgresql.PGConnection;

/**
 * Loads the rows of a run again by nothing but COPY, a table in one piece and one transaction, the
 * largest first, on two connections as the job's loaders do: what the database can do at best.
 */
final class PlainCopy implements AutoCloseable {

    private static final int CONNECTIONS = 2;
    private static final int BUFFER_BYTES = 1 << 16;

    /** All that the job writes; signs of life and the outbox are no events. */
    private static final String TABLES =
            """
            SELECT
                c.oid::regclass,
                string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
            FROM pg_class AS c
            JOIN pg_attribute AS a
                ON a.attrelid = c.oid
            WHERE
                c.relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
                AND c.relkind IN ('r', 'p')
                AND NOT c.relispartition
                AND c.relname NOT IN (
                    'site_tracking_heartbeat_r', 'site_tracking_outbox_r', 'site_tracking_waiting_r',
                    'site_tracking_kept_r'
                )
                AND a.attnum > 0
                AND NOT a.attisdropped
                AND a.attgenerated = ''
            GROUP BY c.oid
            """;

    private static final String DAYS =
            """
            SELECT to_date(right(relname, 8), 'YYYYMMDD')
            FROM pg_inherits
            JOIN pg_class
                ON oid = inhrelid
            WHERE
                inhparent = 'business.site_event_h'::regclass
                AND relname ~ '_p[0-9]{8}$'
            """;

    /** Indexes of a table first: those of its partitions go with them. */
    private static final String DROP_INDEXES =
            """
            DO $drop$
            DECLARE
                of_partition boolean;
                found record;
            BEGIN
                FOREACH of_partition IN ARRAY ARRAY[false, true] LOOP
                    FOR found IN
                        SELECT conrelid::regclass AS name, conname
                        FROM pg_constraint
                        JOIN pg_class AS c ON c.oid = conrelid
                        WHERE contype IN ('p', 'u')
                            AND relispartition = of_partition
                            AND relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
                    LOOP
                        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE',
                            found.name, found.conname);
                    END LOOP;
                    FOR found IN
                        SELECT indexrelid::regclass AS name
                        FROM pg_index
                        JOIN pg_class AS c ON c.oid = indrelid
                        WHERE relispartition = of_partition
                            AND relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
                    LOOP
                        EXECUTE format('DROP INDEX %s CASCADE', found.name);
                    END LOOP;
                END LOOP;
            END
            $drop$
            """;

    /** A table's rows in a file. */
    private record Dump(String table, String columns, Path file, long bytes) {}

    private final BenchStage stage;
    private final Path folder;
    private final List<Dump> dumps = new ArrayList<>();
    private final List<LocalDate> days = new ArrayList<>();

    private PlainCopy(BenchStage stage, Path folder) {
        this.stage = stage;
        this.folder = folder;
    }

    /** Writes all rows of the run to files, in the order in which they lie in the tables. */
    static PlainCopy dump(BenchStage stage) throws IOException, SQLException {
        Path folder = Files.createDirectories(stage.folder().resolve("copy"));
        PlainCopy copy = new PlainCopy(stage, folder);
        stage.say("Writing the rows to files");
        try (Connection connection = stage.postgres().connect();
                Statement statement = connection.createStatement()) {
            // Either would bring rows in another order.
            statement.execute("SET synchronize_seqscans = off");
            statement.execute("SET max_parallel_workers_per_gather = 0");
            try (ResultSet tables = statement.executeQuery(TABLES)) {
                while (tables.next()) {
                    copy.dump(connection, tables.getString(1), tables.getString(2));
                }
            }
            try (ResultSet day = statement.executeQuery(DAYS)) {
                while (day.next()) {
                    copy.days.add(day.getDate(1).toLocalDate());
                }
            }
        }
        copy.dumps.sort(Comparator.comparingLong(Dump::bytes).reversed());
        return copy;
    }

    private void dump(Connection connection, String table, String columns)
            throws IOException, SQLException {
        Path file = folder.resolve(table);
        String sql = "COPY (SELECT %s FROM %s) TO STDOUT (FORMAT binary)".formatted(columns, table);
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, out);
        }
        dumps.add(new Dump(table, columns, file, Files.size(file)));
    }

    /**
     * Loads the files into a new database, which is dropped after that.
     *
     * @param indexed whether the tables have their keys and indexes
     * @return what it cost a record of the topic, in JSON members
     */
    Map<String, Object> load(String database, boolean indexed) throws Exception {
        stage.say("Loading by COPY: " + database);
        stage.postgres().createDatabase(database);
        Map<String, Object> found;
        // All stay open to the end: the CPU time of a backend that just ends is easily missed.
        try (Connection first = stage.postgres().connect(database);
                Connection second = stage.postgres().connect(database);
                Connection watching = stage.postgres().connect(database)) {
            prepare(watching, indexed);
            DatabaseCounters counters = new DatabaseCounters(watching);
            Moment before = stage.moment(counters);
            long rows = loadAll(List.of(first, second));
            found = figures(before, stage.moment(counters));
            found.put("rows_per_event", Moment.rounded(rows / (double) stage.options().events));
        }
        stage.drop(database);
        return found;
    }

    private void prepare(Connection connection, boolean indexed) throws Exception {
        Migration.apply(connection, applied -> {});
        try (Statement statement = connection.createStatement()) {
            for (LocalDate day : days) {
                statement.execute(
                        "SELECT raw.site_tracking_ensure_partitions('%s', '%s')"
                                .formatted(day, day));
            }
            if (!indexed) {
                statement.execute(DROP_INDEXES);
            }
            // What the run before has left to write is not to be counted.
            statement.execute("CHECKPOINT");
        }
    }

    private Map<String, Object> figures(Moment before, Moment after) {
        Map<String, Object> cost = after.costSince(before, stage.options().events);
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("connections", CONNECTIONS);
        found.put("seconds", cost.get("seconds"));
        found.put(
                BenchFindings.RATE,
                Math.round(stage.options().events / after.secondsSince(before)));
        for (String name : List.of(BenchFindings.POSTGRES, "wal_bytes", "cores_used_by_others")) {
            found.put(name, cost.get(name));
        }
        return found;
    }

    /** Returns how many rows were loaded. */
    private long loadAll(List<Connection> connections)
            throws ExecutionException, InterruptedException {
        Queue<Dump> waiting = new ConcurrentLinkedQueue<>(dumps);
        List<FutureTask<Long>> tasks = new ArrayList<>();
        for (Connection connection : connections) {
            FutureTask<Long> task = new FutureTask<>(() -> load(connection, waiting));
            Sending.startDaemon(task, "bench-copy");
            tasks.add(task);
        }
        long rows = 0;
        for (FutureTask<Long> task : tasks) {
            rows += task.get();
        }
        return rows;
    }

    private static long load(Connection connection, Queue<Dump> waiting)
            throws IOException, SQLException {
        long rows = 0;
        for (Dump dump = waiting.poll(); dump != null; dump = waiting.poll()) {
            String sql =
                    "COPY %s (%s) FROM STDIN (FORMAT binary)"
                            .formatted(dump.table(), dump.columns());
            try (InputStream in = Files.newInputStream(dump.file())) {
                rows +=
                        connection
                                .unwrap(PGConnection.class)
                                .getCopyAPI()
                                .copyIn(sql, in, BUFFER_BYTES);
            }
        }
        return rows;
    }

    /** Deletes the files. */
    @Override
    public void close() throws IOException {
        DataDirectory.delete(folder);
    }
}
