package io.onevault.tracking.job;

import io.onevault.tracking.vault.Refusal;
import io.onevault.tracking.vault.VaultLoad;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes micro-batches and tells what the database refuses of them. It tries again as {@link
 * VaultSink} does: on a fresh connection where the old one is broken, each time a second later.
 */
final class VaultWriter<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VaultWriter.class);

    private final VaultLoad<T> load;
    private final JdbcConnectionProvider connections;
    private final Loader loader;
    private final Counter retried;

    VaultWriter(VaultLoad<T> load, Loader loader, Counter retried) {
        this.load = load;
        this.connections = new SimpleJdbcConnectionProvider(loader.connection().options());
        this.loader = loader;
        this.retried = retried;
    }

    /**
     * @param batch an empty one asks for a sign of life
     * @throws IOException when the last attempt failed, too
     * @throws InterruptedException where the thread is interrupted; the connection is closed then
     */
    List<Refusal<T>> write(List<T> batch) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                Connection connection = connections.getOrEstablishConnection();
                endIfInterrupted();
                return write(connection, batch);
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

    private List<Refusal<T>> write(Connection connection, List<T> batch) throws SQLException {
        if (batch.isEmpty()) {
            loader.heartbeat().commit(connection);
            return List.of();
        }
        return load.commit(connection, batch);
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
