package io.onevault.tracking.job;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.load.Loaders;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.PlainRow;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * The same data flow as {@link SiteTrackingJob} up to the loaders, which are a tutorial's: what the
 * benchmark compares with. It does less: it makes no sums for analytics and no partitions, and what
 * a replay leaves behind it does not repair.
 */
public final class TextbookJob {

    private static final String EVENTS = "textbook-events";

    private final DatabaseAccess database;
    private final String source;

    private TextbookJob(JobSettings settings) {
        database = settings.database();
        source = settings.get(JobOptions.RECORD_SOURCE);
    }

    /** Draws the job on the environment without starting it. */
    public static void define(StreamExecutionEnvironment env, JobSettings settings) {
        StrictEnvironment.configure(env);
        TextbookJob job = new TextbookJob(settings);
        DataStream<EnrichedEvent> accepted = Topology.draw(env, job.loaders(), settings);
        accepted.sinkTo(job.events()).name(EVENTS).uid(EVENTS);
    }

    private Loaders loaders() {
        String recordSource = source;
        return new Loaders(
                new AcceptEvents(),
                batches(() -> Loader.ofDescriptions(recordSource)),
                sessions(),
                batches(() -> Loader.ofRejected(recordSource)),
                batches(() -> Loader.ofLedger(recordSource)));
    }

    private Sink<EnrichedEvent> events() {
        String recordSource = source;
        return new TextbookSink<>(
                () -> {
                    EventLoader load = new EventLoader(recordSource);
                    return event -> PlainRow.of(load, List.of(event));
                },
                database);
    }

    private Sink<List<SessionUpdate>> sessions() {
        String recordSource = source;
        return new TextbookSink<>(
                () -> {
                    Loader<SessionUpdate> load = Loader.ofSessions(recordSource);
                    return batch ->
                            PlainRow.of(
                                    load,
                                    batch.stream().map(update -> update.within(null)).toList());
                },
                database);
    }

    private <T> Sink<List<T>> batches(SerializableSupplier<Loader<T>> maker) {
        return new TextbookSink<>(
                () -> {
                    Loader<T> load = maker.get();
                    return batch -> PlainRow.of(load, batch);
                },
                database);
    }
}
