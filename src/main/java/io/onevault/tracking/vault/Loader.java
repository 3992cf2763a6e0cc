package io.onevault.tracking.vault;

import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.session.SessionUpdate;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads micro-batches of one kind: makes rows of them and writes these, all tables in one
 * transaction. Loading a batch again, whole or in other cuts, changes nothing. Not thread-safe.
 */
public abstract class Loader<T> {

    final HashKeys keys = new HashKeys();
    final HashDiff hashDiff = new HashDiff();
    final Tombstones tombstones = new Tombstones(InstantSource.system());
    final String recordSource;

    private Layers layers = Layers.PRODUCTION;
    private PartitionDays partitionDays = new PartitionDays(InstantSource.system(), layers);
    private @Nullable RowWriter writer;

    /**
     * @param recordSource the vault's {@code record_source} of all rows
     */
    Loader(String recordSource) {
        this.recordSource = recordSource;
    }

    /** Has it write to other tables than those of production; to be called before it loads. */
    public final Loader<T> into(Layers chosen) {
        layers = chosen;
        partitionDays = new PartitionDays(InstantSource.system(), chosen);
        return this;
    }

    final Layers layers() {
        return layers;
    }

    /** Into the versioned satellites of visitors, pages and items. */
    public static Loader<Description> ofDescriptions(String recordSource) {
        return new DescriptionLoader(recordSource);
    }

    /** Into hubs, links and details of sessions. */
    public static Loader<SessionUpdate> ofSessions(String recordSource) {
        return new SessionLoader(recordSource);
    }

    /** Into the raw layer. */
    public static Loader<RejectedEvent> ofRejected(String recordSource) {
        return new RejectedLoader(recordSource);
    }

    public static Loader<LedgerTotals> ofLedger(String recordSource) {
        return new LedgerLoader(recordSource);
    }

    /**
     * Writes and commits a micro-batch. One that the database refuses for its data is halved again
     * and again, each part in a transaction of its own, until only the elements at fault are left
     * out.
     *
     * @param connection in auto-commit mode
     * @return what was left out, in the order of the batch
     * @throws SQLException when the failure has other reasons; parts may be written then
     */
    public final List<Refusal<T>> load(Connection connection, List<T> batch) throws SQLException {
        List<Refusal<T>> refusals = new ArrayList<>();
        if (batch.isEmpty()) {
            return refusals;
        }
        try {
            // One that is cancelled may have its lock all the same.
            tombstones.begin(connection);
            load(connection, prepared(connection, batch), refusals);
        } finally {
            tombstones.end(connection);
        }
        return refusals;
    }

    private void load(Connection connection, List<T> batch, List<Refusal<T>> refusals)
            throws SQLException {
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<Rows> rows = write(connection, batch);
            writerOn(connection).commit();
            rows.forEach(Rows::committed);
        } catch (SQLException e) {
            if (!Refusal.isDataError(e)) {
                throw e;
            }
            if (batch.size() > 1) {
                int half = batch.size() / 2;
                load(connection, batch.subList(0, half), refusals);
                load(connection, batch.subList(half, batch.size()), refusals);
            } else {
                loadLess(connection, batch.get(0), e, refusals);
            }
        }
    }

    private void loadLess(
            Connection connection, T element, SQLException failure, List<Refusal<T>> refusals)
            throws SQLException {
        T less = lessOf(element);
        if (less == null || isLeftOut(element)) {
            refusals.add(new Refusal<>(element, failure.getSQLState()));
        }
        if (less != null) {
            load(connection, List.of(less), refusals);
        }
    }

    /** Begins a transaction and writes a micro-batch in it; after a failure nothing is left. */
    final List<Rows> write(Connection connection, List<T> batch) throws SQLException {
        RowWriter current = writerOn(connection);
        for (T element : batch) {
            ensurePartitions(partitionDays, connection, element);
        }
        List<Rows> rows = rows(connection, batch);
        if (!current.write(rows)) {
            try {
                someWereThere(connection, batch);
            } catch (SQLException e) {
                current.rollBack(e);
                throw e;
            }
        }
        return rows;
    }

    private RowWriter writerOn(Connection connection) throws SQLException {
        RowWriter current = writer;
        if (current == null || current.connection() != connection) {
            connected(connection);
            current = new RowWriter(connection, layers);
            writer = current;
        }
        return current;
    }

    /**
     * What is to be done with a new connection. Another server may be behind it, which does not
     * hold all that the last one held.
     *
     * @param connection in auto-commit mode, as in all methods but one
     */
    void connected(Connection connection) throws SQLException {}

    /** The micro-batch as it is to be written. */
    List<T> prepared(Connection connection, List<T> batch) throws SQLException {
        return batch;
    }

    /** Has the day partitions made that the element's rows belong to. */
    void ensurePartitions(PartitionDays days, Connection connection, T element)
            throws SQLException {}

    /**
     * The rows of a micro-batch, table by table in writing order.
     *
     * @param connection for what only the database can tell
     */
    abstract List<Rows> rows(Connection connection, List<T> batch) throws SQLException;

    /**
     * Called before the end of a transaction that wrote a micro-batch of which rows were there,
     * among those that belong to one element alone.
     */
    void someWereThere(Connection connection, List<T> batch) throws SQLException {}

    /** What of a refused element is worth another try; null when nothing is. */
    @Nullable T lessOf(T element) {
        return null;
    }

    /** Whether a refused element counts as left out although less of it is written. */
    boolean isLeftOut(T element) {
        return false;
    }
}
