package io.onevault.tracking.vault;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * Writes the rows of micro-batches through one connection, all tables in one transaction that the
 * caller commits: no reader ever sees half an event. Statements stay prepared.
 *
 * <p>What belongs to one event is copied, at half the cost, while nothing of it is there: after a
 * micro-batch that was all new, until one meets a row that is there. That one and those after it
 * are upserted. So a replay, which meets its own rows again, does not fail again and again.
 *
 * <p>Not thread-safe.
 */
final class RowWriter {

    private static final String UNIQUE_VIOLATION = "23505";

    /** PostgreSQL copies into no table whose policies hold for the role, whatever they allow. */
    private static final String MAY_COPY =
            "SELECT NOT row_security_active('raw.site_tracking_events_r')";

    private final Map<Table, PreparedStatement> prepared = new HashMap<>();
    private final CopyBuffer buffer = new CopyBuffer();
    private final Connection connection;
    private final Layers layers;
    private final boolean mayCopy;
    private boolean copies;
    private boolean someCopyable;

    /**
     * @param connection in auto-commit mode
     */
    RowWriter(Connection connection, Layers layers) throws SQLException {
        this.connection = connection;
        this.layers = layers;
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(layers.sql(MAY_COPY))) {
            answer.next();
            mayCopy = answer.getBoolean(1);
        }
    }

    Connection connection() {
        return connection;
    }

    /**
     * Begins a transaction and writes the rows; after a failure nothing of them is left.
     *
     * @return whether of the rows that can be copied none was there
     */
    boolean write(List<Rows> batch) throws SQLException {
        if (copies) {
            try {
                begin(batch);
                return true;
            } catch (SQLException e) {
                if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw e;
                }
                copies = false;
            }
        }
        boolean allNew = begin(batch);
        copies = allNew && someCopyable && mayCopy;
        return allNew;
    }

    /** Whether of the rows that can be copied none was there. */
    private boolean begin(List<Rows> batch) throws SQLException {
        connection.setAutoCommit(false);
        someCopyable = false;
        boolean allNew = true;
        try {
            for (Rows rows : batch) {
                if (rows.all().isEmpty() || !rows.table().when().holds(allNew)) {
                    continue;
                }
                boolean copyable = rows.table().copy() != null;
                if (copyable && copies) {
                    copy(rows);
                } else {
                    int written = upsert(rows);
                    allNew &= !copyable || written == rows.all().size();
                }
                someCopyable |= copyable;
            }
        } catch (SQLException e) {
            rollBack(e);
            throw e;
        }
        return allNew;
    }

    private void copy(Rows rows) throws SQLException {
        buffer.begin();
        for (Object[] row : rows.all()) {
            buffer.row(rows.table().columns(), row);
        }
        buffer.end();
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            layers.sql(rows.table().copy()),
                            new ByteArrayInputStream(buffer.bytes(), 0, buffer.length()));
        } catch (IOException e) {
            throw new IllegalStateException("an array of bytes can be read", e);
        }
    }

    private int upsert(Rows rows) throws SQLException {
        PreparedStatement statement = prepared.get(rows.table());
        if (statement == null) {
            statement = connection.prepareStatement(layers.sql(rows.table().sql()));
            prepared.put(rows.table(), statement);
        }
        rows.bind(statement);
        return statement.executeUpdate();
    }

    void commit() throws SQLException {
        try {
            connection.commit();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            rollBack(e);
            throw e;
        }
    }

    /** Ends a transaction that failed; a failure of that is told with the cause. */
    void rollBack(SQLException cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
