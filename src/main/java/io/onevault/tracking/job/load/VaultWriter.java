package io.onevault.tracking.job.load;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets micro-batches be written. It tries again as {@link VaultSink} does: on a fresh connection
 * where the old one is broken, each time a second later.
 *
 * @param <R> what is told of a micro-batch that was written
 */
final class VaultWriter<R> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VaultWriter.class);

    private final JdbcConnectionProvider connections;
    private final Loader loader;
    private final Counter retried;

    VaultWriter(Loader loader, Counter retried) {
        this.connections = new SimpleJdbcConnectionProvider(loader.connection().options());
        this.loader = loader;
        this.retried = retried;
    }

    /** Writes and commits a micro-batch. */
    interface Work<R> {

        /**
         * @param connection in auto-commit mode
         */
        R on(Connection connection) throws SQLException;
    }

    /**
     * @throws IOException when the last attempt failed, too
     * @throws InterruptedException where the thread is interrupted; the connection is closed then
     */
    R write(Work<R> work) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                Connection connection = connections.getOrEstablishConnection();
                endIfInterrupted();
                return work.on(connection);
            } catch (SQLException | ClassNotFoundException e) {
                endIfInterrupted();
                if (attempt >= loader.retries()) {
                    throw new IOException("The database does not take a micro-batch", e);
                }
                LOG.warn(
                        "A micro-batch failed, attempt {} of {}",
                        attempt + 1,
                        loader.retries() + 1,
                        e);
                retried.inc();
                TimeUnit.SECONDS.sleep(attempt);
                closeUnlessValid();
            }
        }
    }

    /** Whoever closes the writer interrupts the thread that writes, and nothing more is written. */
    private void endIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            close();
            throw new InterruptedException();
        }
    }

    private void closeUnlessValid() {
        boolean valid;
        try {
            valid = connections.isConnectionValid();
        } catch (SQLException e) {
            valid = false;
        }
        if (!valid) {
            connections.closeConnection();
        }
    }

    @Override
    public void close() {
        connections.closeConnection();
    }
}
