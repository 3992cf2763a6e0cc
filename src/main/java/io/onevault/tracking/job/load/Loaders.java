package io.onevault.tracking.job.load;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
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
        return of(settings, false);
    }

    /** Of history, whose events come once: what the vault holds of them is no sign of another. */
    public static Loaders ofHistory(JobSettings settings) {
        return of(settings, true);
    }

    private static Loaders of(JobSettings settings, boolean history) {
        String source = settings.get(JobOptions.RECORD_SOURCE);
        return new Loaders(
                new LoadEvents(
                        source,
                        settings.get(JobOptions.DATABASE_LAYERS),
                        settings.get(JobOptions.ARCHIVE_TTL),
                        history,
                        VaultAccess.of(Step.LOAD_EVENTS, settings)),
                sink(() -> Loader.ofDescriptions(source), Step.LOAD_DESCRIPTIONS, settings),
                sink(() -> Loader.ofSessions(source), Step.LOAD_SESSIONS, settings),
                sink(() -> Loader.ofRejected(source), Step.LOAD_REJECTED, settings),
                sink(() -> Loader.ofLedger(source), Step.LOAD_LEDGER, settings));
    }

    private static <T> Sink<List<T>> sink(
            SerializableSupplier<Loader<T>> loader, Step step, JobSettings settings) {
        Layers layers = settings.get(JobOptions.DATABASE_LAYERS);
        return new VaultSink<>(() -> loader.get().into(layers), VaultAccess.of(step, settings));
    }
}
