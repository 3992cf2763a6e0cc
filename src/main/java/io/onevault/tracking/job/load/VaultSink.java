package io.onevault.tracking.job.load;

import io.onevault.tracking.vault.Loader;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * Writes micro-batches to the vault, each in a transaction of its own. Not by Flink's JdbcSink,
 * whose statement is one an element: of ours none is, and those of a micro-batch share a
 * transaction.
 *
 * @param loader made where it is used: it holds what can't travel
 */
record VaultSink<T>(SerializableSupplier<Loader<T>> loader, VaultAccess access)
        implements Sink<List<T>> {

    private static final long serialVersionUID = 1;

    @Override
    public SinkWriter<List<T>> createWriter(WriterInitContext context) {
        return new VaultWriter<>(loader.get(), access, context.metricGroup());
    }
}
