package io.onevault.tracking.job;

import io.onevault.tracking.vault.DescriptionLoad;
import io.onevault.tracking.vault.EventLoad;
import io.onevault.tracking.vault.LedgerLoad;
import io.onevault.tracking.vault.RejectedLoad;
import io.onevault.tracking.vault.SessionLoad;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;

/**
 * The loaders of the vault. Each element is a micro-batch and is written in one transaction;
 * everything written is idempotent, so at-least-once is exactly-once in effect.
 */
final class JdbcSinks {

    private final JdbcConnectionOptions connection;
    private final int retries;

    private JdbcSinks(JobSettings settings) {
        this.connection = VaultConnection.options(settings);
        this.retries = settings.get(JobOptions.LOAD_RETRIES);
    }

    static Topology.Sinks vault(JobSettings settings) {
        JdbcSinks sinks = new JdbcSinks(settings);
        String source = settings.get(JobOptions.RECORD_SOURCE);
        return new Topology.Sinks(
                new LoadEvents(() -> new EventLoad(source), sinks.connection, sinks.retries),
                sinks.sink(() -> new DescriptionLoad(source)),
                sinks.sink(() -> new SessionLoad(source)),
                KafkaEndpoints.rejected(settings),
                sinks.sink(() -> new RejectedLoad(source)),
                sinks.sink(() -> new LedgerLoad(source)));
    }

    private <T> Sink<List<T>> sink(LoadMaker<T> load) {
        return new VaultSink<>(load, connection, retries);
    }
}
