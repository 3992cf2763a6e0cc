package io.onevault.tracking.vault;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the rows of a micro-batch, all tables in one transaction that the caller ends with {@link
 * #COMMIT}: no reader ever sees half an event. Statements stay prepared as long as the connection
 * is the same. Not thread-safe.
 */
final class VaultTransaction {

    /** The statement that ends the transaction. */
    static final String COMMIT = "COMMIT";

    private final Map<Table, PreparedStatement> prepared = new HashMap<>();
    private Connection connection;

    /**
     * Begins a transaction and writes the rows; after a failure nothing of them is left.
     *
     * @param current a connection in auto-commit mode
     */
    void write(Connection current, List<Rows> batch) throws SQLException {
        if (current != connection) {
            prepared.clear();
            connection = current;
        }
        execute(connection, "BEGIN");
        try {
            for (Rows rows : batch) {
                if (!rows.all().isEmpty()) {
                    write(rows);
                }
            }
        } catch (SQLException e) {
            rollBack(connection, e);
            throw e;
        }
    }

    /** Ends the transaction that {@link #write} began. */
    void commit() throws SQLException {
        execute(connection, COMMIT);
    }

    private void write(Rows rows) throws SQLException {
        PreparedStatement statement = prepared.get(rows.table());
        if (statement == null) {
            statement = connection.prepareStatement(rows.table().sql());
            prepared.put(rows.table(), statement);
        }
        rows.bind(statement);
        statement.executeUpdate();
    }

    /** Ends a transaction that failed; a failure of that is told with the cause. */
    static void rollBack(Connection connection, SQLException cause) {
        try {
            execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
