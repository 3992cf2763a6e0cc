package io.onevault.tracking.job;

import io.onevault.tracking.vault.DescriptionLoad;
import io.onevault.tracking.vault.EventLoad;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.LedgerLoad;
import io.onevault.tracking.vault.RejectedLoad;
import io.onevault.tracking.vault.SessionLoad;
import io.onevault.tracking.vault.VaultLoad;
import java.io.Serializable;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;

/**
 * The sinks of the vault. Each element is a micro-batch and is written in one transaction;
 * everything written is idempotent, so at-least-once is exactly-once in effect.
 */
final class JdbcSinks {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final int CHECK_SECONDS = 10;

    private final JobSettings settings;

    private JdbcSinks(JobSettings settings) {
        this.settings = settings;
    }

    static Topology.Sinks vault(JobSettings settings) {
        JdbcSinks sinks = new JdbcSinks(settings);
        String source = settings.get(JobOptions.RECORD_SOURCE);
        return new Topology.Sinks(
                sinks.sink(Step.LOAD_EVENTS, () -> new EventLoad(source)),
                sinks.sink(Step.LOAD_DESCRIPTIONS, () -> new DescriptionLoad(source)),
                sinks.sink(Step.LOAD_SESSIONS, () -> new SessionLoad(source)),
                KafkaEndpoints.rejected(settings),
                sinks.sink(Step.LOAD_REJECTED, () -> new RejectedLoad(source)),
                sinks.sink(Step.LOAD_LEDGER, () -> new LedgerLoad(source)));
    }

    /** Makes the load where it is used: it holds what can't travel. */
    @FunctionalInterface
    private interface LoadMaker<T> extends Serializable {
        VaultLoad<T> make();
    }

    private <T> Sink<List<T>> sink(Step step, LoadMaker<T> load) {
        Heartbeat heartbeat =
                new Heartbeat(
                        step.id(),
                        SiteTrackingJob.version(),
                        settings.get(JobOptions.RECORD_SOURCE));
        JdbcSink<List<T>> sink =
                JdbcSink.<List<T>>builder()
                        .withQueryStatement(new WriteAndCommit<>(load, heartbeat))
                        .withExecutionOptions(
                                JdbcExecutionOptions.builder()
                                        .withBatchSize(1)
                                        .withBatchIntervalMs(0)
                                        .withMaxRetries(settings.get(JobOptions.LOAD_RETRIES))
                                        .build())
                        .buildAtLeastOnce(connection());
        return new QuietlyClosedSink<>(sink);
    }

    private JdbcConnectionOptions connection() {
        return new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                .withUrl(settings.get(JobOptions.DATABASE_URL))
                .withDriverName(DRIVER)
                .withUsername(settings.get(JobOptions.DATABASE_USER))
                .withPassword(settings.get(JobOptions.DATABASE_PASSWORD))
                .withConnectionCheckTimeoutSeconds(CHECK_SECONDS)
                .withProperty("ApplicationName", "site-tracking loader")
                .build();
    }

    /**
     * Lets the load write a micro-batch on the sink's connection; the sink's own statement then
     * commits it, within the sink's retries. An empty micro-batch asks for a sign of life.
     */
    private static final class WriteAndCommit<T> implements JdbcQueryStatement<List<T>> {

        private static final long serialVersionUID = 1;

        private final LoadMaker<T> maker;
        private final Heartbeat heartbeat;
        private transient VaultLoad<T> load;

        WriteAndCommit(LoadMaker<T> maker, Heartbeat heartbeat) {
            this.maker = maker;
            this.heartbeat = heartbeat;
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
            if (load == null) {
                load = maker.make();
            }
            load.write(commit.getConnection(), batch);
        }
    }
}
