package io.onevault.tracking.job.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.admit.GeneratedEvents;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Loader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an event costs of what does not depend on the machine: rows, bytes of tables and of the
 * write-ahead log, and what the JVM allocates. Fails where a figure is 5 % above the committed one;
 * {@code -Dgolden.update=true} writes them anew.
 */
@ExtendWith(PostgresExtension.class)
class CostPerEventTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/cost-per-event.tsv");
    private static final int EVENTS = Integer.getInteger("cost.events", 5_000);
    private static final int WARM_UP = 1_000;
    private static final int LOADERS = 2;
    private static final double GROWTH = 1.05;
    private static final String RECORD_SOURCE = JobOptions.RECORD_SOURCE.defaultValue();

    private static final String PAGES_ARE_COPIED =
            "SELECT full_page_writes::integer FROM pg_control_checkpoint()";

    /** Tables, partitioned ones with all their partitions. */
    private static final String TABLES =
            """
            SELECT coalesce(parents.inhparent, tables.oid)::regclass AS name,
                   sum(pg_total_relation_size(tables.oid)) AS bytes
              FROM pg_class AS tables
              LEFT JOIN pg_inherits AS parents ON parents.inhrelid = tables.oid
             WHERE tables.relkind = 'r'
               AND tables.relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
             GROUP BY 1""";

    private final Map<String, Double> figures = new TreeMap<>();
    private final GeneratedEvents generated = new GeneratedEvents();

    /** Copies of pages and what autovacuum writes depend on the time that the test takes. */
    @BeforeEach
    void writeNoMoreThanTheRows(TestPostgres postgres) throws SQLException {
        TestDatabase database = postgres.empty();
        database.execute("ALTER SYSTEM SET autovacuum = off");
        database.execute("ALTER SYSTEM SET full_page_writes = off");
        database.execute("SELECT pg_reload_conf()");
        while (database.number(PAGES_ARE_COPIED) == 1) {
            database.execute("CHECKPOINT");
        }
    }

    @AfterEach
    void reset(TestPostgres postgres) throws SQLException {
        TestDatabase database = postgres.empty();
        database.execute("ALTER SYSTEM RESET autovacuum");
        database.execute("ALTER SYSTEM RESET full_page_writes");
        database.execute("SELECT pg_reload_conf()");
    }

    @Test
    void eventsCostNoMoreThanTheyDid(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = allocated();
        load("live", events, new Clock(0, 1, 50), postgres.vault());
        load("behind", events, new Clock(7_200_000, 6, 1_000), postgres.vault());

        if (Boolean.getBoolean("golden.update")) {
            StringBuilder lines = new StringBuilder();
            figures.forEach((name, figure) -> lines.append(name + '\t' + figure + '\n'));
            Files.writeString(GOLDEN, lines);
        }
        Map<String, Double> golden = golden();
        assertThat(figures.keySet()).isEqualTo(golden.keySet());
        figures.forEach(
                (name, figure) ->
                        assertThat(figure).as(name).isLessThanOrEqualTo(golden.get(name) * GROWTH));
    }

    private static Map<String, Double> golden() throws Exception {
        Map<String, Double> golden = new TreeMap<>();
        for (String line : Files.readAllLines(GOLDEN)) {
            String[] parts = line.split("\t");
            golden.put(parts[0], Double.valueOf(parts[1]));
        }
        return golden;
    }

    /**
     * When events arrive by the clock of the machine.
     *
     * @param delay milliseconds by which the first one is late
     * @param pace how many times faster than they happened
     * @param batch events that are loaded in one transaction
     */
    private record Clock(long delay, long pace, int batch) {}

    private List<EnrichedEvent> allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            values.add(generated.nextValue());
        }
        List<EnrichedEvent> events = new ArrayList<>(EVENTS);
        // Not what classes and look-ups are made of at first.
        for (int i = 0; i < WARM_UP; i++) {
            generated.enrich(generated.nextValue());
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (byte[] value : values) {
            events.add(generated.enrich(value));
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        put("allocated bytes", allocated);
        return events;
    }

    private void load(String name, List<EnrichedEvent> events, Clock clock, TestDatabase vault)
            throws Exception {
        Map<String, Long> empty = sizes(vault);
        String from = vault.texts("SELECT pg_current_wal_insert_lsn()").get(0);
        Loading loading = new Loading(vault, clock, millis(events.get(0)));
        for (int first = 0; first < events.size(); first += clock.batch()) {
            loading.load(events.subList(first, first + clock.batch()));
        }
        loading.end();
        put(
                name + ", bytes of write-ahead log",
                vault.number(
                        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$from')::bigint"
                                .replace("$from", from)));
        measure(name, empty, vault);
    }

    /** What the job does of loading events and sessions, by two subtasks, on one connection. */
    private static final class Loading {

        private final List<Loader<EnrichedEvent>> loaders = new ArrayList<>();
        private final Loader<SessionUpdate> sessions = Loader.ofSessions(RECORD_SOURCE);
        private final List<Connection> connections = new ArrayList<>();
        private final WindowHarness windows =
                new WindowHarness(WindowHarness.draw(Duration.ofHours(3), Duration.ofMillis(500)));
        private final Clock clock;
        private final long start;
        private long passed;

        Loading(TestDatabase vault, Clock clock, long start) throws Exception {
            this.clock = clock;
            this.start = start;
            for (int i = 0; i < LOADERS; i++) {
                loaders.add(new EventLoader(RECORD_SOURCE));
                connections.add(vault.connect());
            }
            windows.pass(Duration.ofMillis(start + clock.delay()));
        }

        void load(List<EnrichedEvent> batch) throws Exception {
            List<List<EnrichedEvent>> own = new ArrayList<>();
            for (int i = 0; i < LOADERS; i++) {
                own.add(new ArrayList<>());
            }
            for (EnrichedEvent event : batch) {
                int hash = event.admitted().eventBk().hashCode();
                own.get(Math.floorMod(hash, LOADERS)).add(event);
            }
            for (int i = 0; i < LOADERS; i++) {
                loaders.get(i).load(connections.get(i), own.get(i));
            }
            for (EnrichedEvent event : batch) {
                long passes = (millis(event) - start) / clock.pace() - passed;
                if (passes > 0) {
                    windows.pass(Duration.ofMillis(passes));
                    passed += passes;
                }
                windows.receive(SelectSessionEvents.select(event));
            }
            // Events out of order are up to 20 seconds late.
            windows.watermark(millis(batch.get(batch.size() - 1)) - 20_000);
            sessions.load(connections.get(0), windows.written());
        }

        /** Closes all sessions. */
        void end() throws Exception {
            windows.pass(Duration.ofMinutes(1));
            sessions.load(connections.get(0), windows.written());
            windows.watermark(start + Duration.ofDays(1).toMillis());
            sessions.load(connections.get(0), windows.written());
            windows.close();
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private static long millis(EnrichedEvent event) {
        return event.admitted().position().loadDate().toEpochMilli();
    }

    private void put(String name, long sum) {
        figures.put(name, Math.round(10.0 * sum / EVENTS) / 10.0);
    }

    private static Map<String, Long> sizes(TestDatabase vault) throws SQLException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TABLES)) {
            while (row.next()) {
                sizes.put(row.getString("name"), row.getLong("bytes"));
            }
        }
        return sizes;
    }

    private void measure(String name, Map<String, Long> empty, TestDatabase vault)
            throws SQLException {
        long all = 0;
        for (Map.Entry<String, Long> table : sizes(vault).entrySet()) {
            long rows = vault.number("SELECT count(*) FROM " + table.getKey());
            if (rows > 0) {
                long bytes = table.getValue() - empty.get(table.getKey());
                all += bytes;
                put(name + ", bytes of " + table.getKey(), bytes);
                figures.put(name + ", rows of " + table.getKey(), 1.0 * rows / EVENTS);
            }
        }
        put(name + ", bytes of all tables", all);
    }
}
