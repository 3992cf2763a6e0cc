package io.onevault.tracking.job.load;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.DescriptionLoader;
import io.onevault.tracking.vault.LedgerLoader;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.RejectedLoader;
import io.onevault.tracking.vault.SessionLoader;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * The loaders of the vault. Each element is a micro-batch and is written in one transaction;
 * everything written is idempotent, so at-least-once is exactly-once in effect.
 */
public record Loaders(
        OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> events,
        Sink<List<Description>> descriptions,
        Sink<List<SessionUpdate>> sessions,
        Sink<List<RejectedEvent>> rejected,
        Sink<List<LedgerTotals>> ledger) {

    public static Loaders of(JobSettings settings) {
        String source = settings.get(JobOptions.RECORD_SOURCE);
        return new Loaders(
                new LoadEvents(
                        source,
                        settings.get(JobOptions.ARCHIVE_TTL),
                        VaultAccess.of(Step.LOAD_EVENTS, settings)),
                sink(() -> new DescriptionLoader(source), Step.LOAD_DESCRIPTIONS, settings),
                sink(() -> new SessionLoader(source), Step.LOAD_SESSIONS, settings),
                sink(() -> new RejectedLoader(source), Step.LOAD_REJECTED, settings),
                sink(() -> new LedgerLoader(source), Step.LOAD_LEDGER, settings));
    }

    private static <T> Sink<List<T>> sink(
            SerializableSupplier<Loader<T>> loader, Step step, JobSettings settings) {
        return new VaultSink<>(loader, VaultAccess.of(step, settings));
    }
}
