package io.onevault.tracking.local;

import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures what of a switch and an undo is the database's, by how many days have partitions: {@code
 * mvn test-compile exec:java@bench -Dbench.mainClass=io.onevault.tracking.local.ExchangeBench
 * -Dexec.args="30 365"}. No job runs, and the tables are empty: what grows with events is not in
 * it.
 */
public final class ExchangeBench {

    /** What the program does, by one connection; the last two of a switch with the jobs stopped. */
    private static final List<String> SWITCH =
            List.of(
                    "CALL raw.site_tracking_reprocess_check_exchange('_shadow')",
                    "CALL raw.site_tracking_reprocess_await_others(1)",
                    "CALL raw.site_tracking_reprocess_complete(false)",
                    "CALL raw.site_tracking_reprocess_complete(true)",
                    "CALL raw.site_tracking_reprocess_switch()");

    private static final List<String> UNDO = List.of("CALL raw.site_tracking_reprocess_undo()");

    private static final String PARTITIONS =
            "SELECT raw.site_tracking_ensure_partitions(current_date - %d, current_date - 1)";

    /** A year has more partitions than PostgreSQL's default has locks for. */
    private static final Map<String, String> LOCKS = Map.of("max_locks_per_transaction", "2048");

    private ExchangeBench() {}

    public static void main(String[] args) throws Exception {
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                    EmbeddedPostgres.start(
                            directory.postgres(), directory.binaries(), port, LOCKS)) {
                for (String days : args) {
                    String name = "days_" + days;
                    new TestDatabase(postgres.jdbcUrl() + "?user=postgres")
                            .execute("CREATE DATABASE " + name + " TEMPLATE template0");
                    String url = postgres.jdbcUrl().replaceFirst("/[^/]+$", "/" + name);
                    measure(new TestDatabase(url + "?user=postgres"), Integer.parseInt(days));
                }
            }
        }
    }

    private static void measure(TestDatabase database, int days) throws Exception {
        database.migrate();
        while (database.number(PARTITIONS.formatted(days)) > 0) {
            // The next ones, in a transaction of their own.
        }
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        database.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
        run(database, days, SWITCH);
        run(database, days, UNDO);
    }

    private static void run(TestDatabase database, int days, List<String> calls) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            Future<Double> longest = reader.submit(() -> ask(database, over));
            for (String call : calls) {
                long began = System.nanoTime();
                statement.execute(call);
                System.out.printf(Locale.ROOT, "%d days: %.2f s %s%n", days, since(began), call);
            }
            over.set(true);
            System.out.printf(
                    Locale.ROOT, "%d days: %.2f s longest of a reader%n", days, longest.get());
        } finally {
            reader.shutdownNow();
        }
    }

    private static double ask(TestDatabase database, AtomicBoolean over) throws SQLException {
        double longest = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                long began = System.nanoTime();
                statement.execute("SELECT count(*) FROM raw.site_tracking_ledger_r");
                longest = Math.max(longest, since(began));
            }
        }
        return longest;
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
