package io.onevault.tracking.job.load;

import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.Refusal;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has micro-batches loaded through a connection of its own. What the database refuses for its data
 * is left out, counted and logged; after any other failure it tries again as Flink's JDBC sink
 * does, on a fresh connection where the old one is broken, each time a second later.
 */
final class VaultWriter<T> implements SinkWriter<List<T>> {

    private static final Logger LOG = LoggerFactory.getLogger(VaultWriter.class);

    private final Loader<T> loader;
    private final VaultAccess access;
    private final JdbcConnectionProvider connections;
    private final Counter retried;
    private final Counter refused;

    VaultWriter(Loader<T> loader, VaultAccess access, MetricGroup metrics) {
        this.loader = loader;
        this.access = access;
        this.connections = new SimpleJdbcConnectionProvider(access.connection());
        this.retried = metrics.counter(Metrics.BATCH_RETRIES);
        this.refused = metrics.counter(Metrics.REFUSED);
    }

    @Override
    public void write(List<T> batch, Context context) throws IOException, InterruptedException {
        write(batch);
    }

    /**
     * Writes and commits a micro-batch.
     *
     * @param batch an empty one asks for a sign of life
     * @return what the database refuses
     * @throws IOException when the last attempt failed, too
     * @throws InterruptedException where the thread is interrupted; the connection is closed then
     */
    List<Refusal<T>> write(List<T> batch) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                Connection connection = connections.getOrEstablishConnection();
                endIfInterrupted();
                return write(batch, connection);
            } catch (SQLException | ClassNotFoundException e) {
                endIfInterrupted();
                if (attempt >= access.retries()) {
                    throw new IOException("The database does not take a micro-batch", e);
                }
                LOG.warn(
                        "A micro-batch failed, attempt {} of {}",
                        attempt + 1,
                        access.retries() + 1,
                        e);
                retried.inc();
                TimeUnit.SECONDS.sleep(attempt);
                closeUnlessValid();
            }
        }
    }

    private List<Refusal<T>> write(List<T> batch, Connection connection) throws SQLException {
        if (batch.isEmpty()) {
            access.heartbeat().beat(connection);
            return List.of();
        }
        List<Refusal<T>> refusals = loader.load(connection, batch);
        if (!refusals.isEmpty()) {
            refused.inc(refusals.size());
            LOG.error(
                    "The database refuses {} of {} {}s, first SQLSTATE {}",
                    refusals.size(),
                    batch.size(),
                    batch.get(0).getClass().getSimpleName(),
                    refusals.get(0).sqlState());
        }
        return refusals;
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

    /** Nothing waits here: a micro-batch is committed when {@link #write} returns. */
    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {
        connections.closeConnection();
    }
}
