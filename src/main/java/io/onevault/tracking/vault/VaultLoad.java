package io.onevault.tracking.vault;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Loads micro-batches of one kind. Loading a batch again, whole or in other cuts, changes nothing.
 * Not thread-safe.
 */
public abstract class VaultLoad<T> {

    /** What ends the transaction that {@link #write} begins. */
    public static final String COMMIT = VaultTransaction.COMMIT;

    private final PartitionDays partitionDays = new PartitionDays();
    private final VaultTransaction transaction = new VaultTransaction();

    VaultLoad() {}

    /**
     * Begins a transaction and writes a micro-batch in it; the caller commits. After a failure the
     * transaction is rolled back.
     *
     * @param connection in auto-commit mode
     */
    public final void write(Connection connection, List<T> batch) throws SQLException {
        beforeWriting(connection, batch);
        for (T element : batch) {
            ensurePartitions(partitionDays, connection, element);
        }
        transaction.write(connection, rows(connection, batch));
    }

    /**
     * What is to be done now and then in transactions of its own.
     *
     * @param connection in auto-commit mode
     */
    void beforeWriting(Connection connection, List<T> batch) throws SQLException {}

    /** Has the day partitions made that the element's rows belong to. */
    abstract void ensurePartitions(PartitionDays days, Connection connection, T element)
            throws SQLException;

    /**
     * The rows of a micro-batch, table by table in writing order.
     *
     * @param connection for what only the database can tell
     */
    abstract List<Rows> rows(Connection connection, List<T> batch) throws SQLException;
}
