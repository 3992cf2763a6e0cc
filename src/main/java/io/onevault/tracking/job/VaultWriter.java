package io.onevault.tracking.job;

import io.onevault.tracking.vault.Refusal;
import io.onevault.tracking.vault.VaultLoad;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
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
    private final int retries;
    private final Counter retried;

    VaultWriter(VaultLoad<T> load, JdbcConnectionOptions options, int retries, Counter retried) {
        this.load = load;
        this.connections = new SimpleJdbcConnectionProvider(options);
        this.retries = retries;
        this.retried = retried;
    }

    /**
     * @throws IOException when the last attempt failed, too
     */
    List<Refusal<T>> write(List<T> batch) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return load.commit(connections.getOrEstablishConnection(), batch);
            } catch (SQLException | ClassNotFoundException e) {
                if (attempt >= retries) {
                    throw new IOException("The database does not take a micro-batch", e);
                }
                LOG.warn("A micro-batch failed, attempt {} of {}", attempt + 1, retries + 1, e);
                retried.inc();
                TimeUnit.SECONDS.sleep(attempt);
                closeUnlessValid();
            }
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
