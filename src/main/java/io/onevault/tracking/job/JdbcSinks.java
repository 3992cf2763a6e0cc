package io.onevault.tracking.job;

import io.onevault.tracking.vault.DescriptionLoad;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.LedgerLoad;
import io.onevault.tracking.vault.RejectedLoad;
import io.onevault.tracking.vault.SessionLoad;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;

/**
 * The loaders of the vault. Each element is a micro-batch and is written in one transaction;
 * everything written is idempotent, so at-least-once is exactly-once in effect.
 */
final class JdbcSinks {

    private final JobSettings settings;

    private JdbcSinks(JobSettings settings) {
        this.settings = settings;
    }

    static Topology.Sinks vault(JobSettings settings) {
        JdbcSinks sinks = new JdbcSinks(settings);
        String source = settings.get(JobOptions.RECORD_SOURCE);
        return new Topology.Sinks(
                new LoadEvents(
                        source,
                        settings.get(JobOptions.ARCHIVE_TTL),
                        sinks.loader(Step.LOAD_EVENTS)),
                sinks.sink(Step.LOAD_DESCRIPTIONS, () -> new DescriptionLoad(source)),
                sinks.sink(Step.LOAD_SESSIONS, () -> new SessionLoad(source)),
                KafkaEndpoints.rejected(settings),
                sinks.sink(Step.LOAD_REJECTED, () -> new RejectedLoad(source)),
                sinks.sink(Step.LOAD_LEDGER, () -> new LedgerLoad(source)));
    }

    private <T> Sink<List<T>> sink(Step step, LoadMaker<T> load) {
        return new VaultSink<>(load, loader(step));
    }

    private Loader loader(Step step) {
        return new Loader(
                new VaultConnection(settings.database()),
                settings.get(JobOptions.LOAD_RETRIES),
                new Heartbeat(
                        step.id(),
                        SiteTrackingJob.version(),
                        settings.get(JobOptions.RECORD_SOURCE)));
    }
}
