package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads from the vault how far the job is. Whoever holds a lock there does not hold up the one who
 * asks, who is to tell of it.
 */
final class VaultWatch implements AutoCloseable {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String BLOCKED =
            """
            SELECT DISTINCT
                'in PostgreSQL ' || waiting.application_name || ' waits for a lock of process '
                    || holding.pid || ' (' || coalesce(nullif(holding.application_name, ''), 'no name')
                    || ', ' || coalesce(holding.state, 'a background process') || ')'
            FROM pg_stat_activity AS waiting
            CROSS JOIN unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
            JOIN pg_stat_activity AS holding
                ON holding.pid = blocking.pid
            WHERE waiting.datname = current_database()
            ORDER BY 1
            """;

    private final Connection connection;

    /**
     * @param connection of its own, which is closed with it
     */
    VaultWatch(Connection connection) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '1s'");
        }
    }

    /** A question to the vault. */
    @FunctionalInterface
    interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    /** The answer; none where somebody's lock is in the way. */
    <T> Optional<T> ask(Question<T> question) throws SQLException {
        try {
            return Optional.of(question.ask(connection));
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Who waits for whose lock. */
    List<String> blocked() throws SQLException {
        List<String> blocked = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(BLOCKED)) {
            while (rows.next()) {
                blocked.add(rows.getString(1));
            }
        }
        return blocked;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
