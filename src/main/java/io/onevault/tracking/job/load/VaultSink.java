package io.onevault.tracking.job.load;

import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.Refusal;
import io.onevault.tracking.vault.VaultLoad;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's JDBC sink, each of whose elements is a micro-batch in a transaction of its own. What the
 * database refuses for its data is left out, counted and logged; every other failure is tried again
 * and then fails the job.
 */
final class VaultSink<T> implements Sink<List<T>> {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(VaultSink.class);

    // -- configuration
    private final LoadMaker<T> maker;
    private final Loader loader;

    VaultSink(LoadMaker<T> maker, Loader loader) {
        this.maker = maker;
        this.loader = loader;
    }

    @Override
    public SinkWriter<List<T>> createWriter(WriterInitContext context) throws IOException {
        JdbcSink<List<T>> sink =
                JdbcSink.<List<T>>builder()
                        .withQueryStatement(
                                new WriteAndCommit<>(
                                        maker.make(), loader.heartbeat(), context.metricGroup()))
                        .withExecutionOptions(
                                JdbcExecutionOptions.builder()
                                        .withBatchSize(1)
                                        .withBatchIntervalMs(0)
                                        .withMaxRetries(loader.retries())
                                        .build())
                        .buildAtLeastOnce(loader.connection().options());
        return new QuietlyClosed<>(sink.createWriter(context));
    }

    /**
     * Lets the load write a micro-batch on the sink's connection; the sink's own statement then
     * commits it, within the sink's retries. An empty micro-batch asks for a sign of life.
     */
    private static final class WriteAndCommit<T> implements JdbcQueryStatement<List<T>> {

        private static final long serialVersionUID = 1;

        private final transient VaultLoad<T> load;
        private final Heartbeat heartbeat;
        private final transient Counter refused;
        private final transient Counter retried;
        private transient List<T> last;

        WriteAndCommit(VaultLoad<T> load, Heartbeat heartbeat, MetricGroup metrics) {
            this.load = load;
            this.heartbeat = heartbeat;
            this.refused = metrics.counter(Metrics.REFUSED);
            this.retried = metrics.counter(Metrics.BATCH_RETRIES);
        }

        @Override
        public String query() {
            return VaultLoad.COMMIT;
        }

        @Override
        public void statement(PreparedStatement commit, List<T> batch) throws SQLException {
            if (batch.isEmpty()) {
                heartbeat.write(commit.getConnection());
                return;
            }
            if (batch == last) {
                retried.inc();
            }
            last = batch;
            Connection connection = commit.getConnection();
            try {
                load.write(connection, batch);
            } catch (SQLException e) {
                if (!Refusal.isDataError(e)) {
                    throw e;
                }
                List<Refusal<T>> refusals = load.commit(connection, batch);
                refused.inc(refusals.size());
                log(refusals, batch.size());
                // All is committed; the sink's statement needs a transaction to end.
                load.write(connection, List.of());
            }
        }
    }

    private static <T> void log(List<Refusal<T>> refusals, int batchSize) {
        if (!refusals.isEmpty()) {
            LOG.error(
                    "The database refuses {} of {} {}s, first SQLSTATE {}",
                    refusals.size(),
                    batchSize,
                    refusals.get(0).element().getClass().getSimpleName(),
                    refusals.get(0).sqlState());
        }
    }

    /**
     * Never fails while it is closed. The JDBC writer tries its failed batch once more then; an
     * exception at that point would end the whole TaskManager instead of the task. Nothing is lost:
     * what was not written belongs to no completed checkpoint and is read again.
     */
    private record QuietlyClosed<T>(SinkWriter<T> writer) implements SinkWriter<T> {

        @Override
        public void write(T element, Context context) throws IOException, InterruptedException {
            writer.write(element, context);
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            writer.flush(endOfInput);
        }

        @Override
        public void close() {
            IOUtils.closeQuietly(writer);
        }
    }
}
