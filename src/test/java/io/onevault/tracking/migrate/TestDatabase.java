package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A database of {@link TestPostgres}; every call uses a connection of its own. */
public record TestDatabase(String url) {

    private static final Duration MOST_WAIT = Duration.ofMinutes(1);
    private static final String WAITING =
            "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'";

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** The same database behind another port of this machine. */
    public TestDatabase through(int port) {
        return new TestDatabase(url.replaceFirst("127\\.0\\.0\\.1:\\d+", "127.0.0.1:" + port));
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As who switches to a reprocess does when the jobs are stopped. */
    public void switchToShadow() throws SQLException {
        execute("CALL raw.site_tracking_reprocess_complete(true)");
        execute("CALL raw.site_tracking_reprocess_switch()");
    }

    /** The first column of all rows. */
    public List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    public long number(String query) throws SQLException {
        return Long.parseLong(texts(query).get(0));
    }

    /** Waits until so many of its connections wait for locks of others. */
    public void awaitWaiting(int connections) throws SQLException, InterruptedException {
        awaitWaiting(connections, new CompletableFuture<>());
    }

    /** Or until somebody is done without. */
    public void awaitWaiting(int connections, Future<?> done)
            throws SQLException, InterruptedException {
        Instant end = Instant.now().plus(MOST_WAIT);
        while (number(WAITING) != connections && !done.isDone()) {
            assertThat(Instant.now()).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    public void migrate() throws SQLException, MigrationException {
        try (Connection connection = connect()) {
            Migration.apply(connection, applied -> {});
        }
    }
}
