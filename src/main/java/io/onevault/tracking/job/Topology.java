package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.Description;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/**
 * The data flow, in reading order. Sources and sinks come in from outside, so that tests run this
 * very method.
 */
final class Topology {

    /** Where the flow begins, and what it looks up. */
    record Sources(Source<DecodedRecord, ?, ?> tracker, Backlog backlog, TenantReader tenants) {}

    /** Where the flow ends. */
    record Sinks(
            OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> events,
            Sink<List<Description>> descriptions,
            Sink<List<SessionUpdate>> sessions,
            Sink<RejectedEvent> rejectedTopic,
            Sink<List<RejectedEvent>> rejectedRows,
            Sink<List<LedgerTotals>> ledger) {}

    private final JobSettings settings;

    private Topology(JobSettings settings) {
        this.settings = settings;
    }

    /** Returns the accepted events. */
    static DataStream<EnrichedEvent> build(
            StreamExecutionEnvironment env, Sources sources, Sinks sinks, JobSettings settings) {
        return new Topology(settings).draw(env, sources, sinks);
    }

    private DataStream<EnrichedEvent> draw(
            StreamExecutionEnvironment env, Sources sources, Sinks sinks) {
        var records =
                Step.TRACKER_EVENTS.of(
                        env.fromSource(sources.tracker(), watermarks(), Step.TRACKER_EVENTS.id()));
        var timed =
                Step.KEEP_TIME.of(
                        records.transform(
                                Step.KEEP_TIME.id(),
                                records.getType(),
                                keepTime(sources.backlog())));
        var admitted =
                Step.ADMIT.of(
                        timed.transform(
                                Step.ADMIT.id(),
                                TypeInformation.of(AdmittedEvent.class),
                                admit(sources.tenants())));
        var unique =
                Step.ARCHIVE.of(
                        admitted.keyBy(Archive::key)
                                .process(new Archive(settings.get(JobOptions.ARCHIVE_TTL))));
        var enriched =
                Step.ENRICH.of(unique.map(new Enrich(settings.get(JobOptions.USER_AGENT_CACHE))));
        var loaded =
                Step.LOAD_EVENTS.of(
                        batches(
                                        enriched,
                                        Step.BATCH_EVENTS,
                                        EnrichedEvent.class,
                                        settings.get(JobOptions.HEARTBEAT))
                                .transform(
                                        Step.LOAD_EVENTS.id(),
                                        TypeInformation.of(EnrichedEvent.class),
                                        sinks.events()));
        var news =
                Step.TRACK_DESCRIPTIONS.of(
                        Step.FIND_DESCRIPTIONS
                                .of(loaded.flatMap(new FindDescriptions()))
                                .keyBy(Description::key)
                                .process(
                                        new TrackDescriptions(
                                                settings.get(JobOptions.ARCHIVE_TTL))));
        var sessionEvents =
                Step.SELECT_SESSION_EVENTS.of(loaded.process(new SelectSessionEvents()));
        var transactions =
                Step.COUNT_TRANSACTIONS.of(
                        sessionEvents
                                .getSideOutput(SideOutputs.TRANSACTIONS)
                                .keyBy(CountTransactions::key)
                                .process(
                                        new CountTransactions(
                                                settings.get(JobOptions.ARCHIVE_TTL),
                                                settings.get(JobOptions.SESSION_LATENESS))));
        var sessions =
                Step.BUILD_SESSIONS.of(
                        sessionEvents
                                .union(transactions)
                                .keyBy(Topology::sessionKey)
                                .process(
                                        new BuildSessions(
                                                settings.get(JobOptions.SESSION_EARLY_FIRING),
                                                settings.get(JobOptions.SESSION_LATENESS))));
        var late =
                Step.RECORD_LATE_EVENTS.of(
                        sessionEvents
                                .getSideOutput(SideOutputs.LATE)
                                .union(
                                        transactions.getSideOutput(SideOutputs.LATE),
                                        sessions.getSideOutput(SideOutputs.LATE))
                                .process(new RecordLateEvents()));
        var rejected =
                admitted.getSideOutput(SideOutputs.REJECTED)
                        .union(loaded.getSideOutput(SideOutputs.REJECTED));
        var rejectedOfTenants =
                Step.SELECT_REJECTED_OF_TENANTS.of(
                        rejected.filter(event -> event.tenantHk() != null));
        var outcomes =
                count(admitted, Step.COUNT_ADMITTED)
                        .union(
                                count(unique, Step.COUNT_ARCHIVED),
                                count(loaded, Step.COUNT_LOADED),
                                count(late, Step.COUNT_LATE));
        var totals = Step.TALLY.of(outcomes.keyBy(LedgerEntry::key).process(new Tally()));

        load(
                news,
                Step.BATCH_DESCRIPTIONS,
                Description.class,
                Step.LOAD_DESCRIPTIONS,
                sinks.descriptions());
        // The sign of life of this loader is that of load-sessions.
        Step.LOAD_LATE_EVENTS.of(
                batches(late, Step.BATCH_LATE_EVENTS, SessionUpdate.class, Duration.ZERO)
                        .sinkTo(sinks.sessions()));
        load(
                sessions,
                Step.BATCH_SESSIONS,
                SessionUpdate.class,
                Step.LOAD_SESSIONS,
                sinks.sessions());
        Step.PUBLISH_REJECTED.of(rejected.sinkTo(sinks.rejectedTopic()));
        load(
                rejectedOfTenants,
                Step.BATCH_REJECTED,
                RejectedEvent.class,
                Step.LOAD_REJECTED,
                sinks.rejectedRows());
        load(totals, Step.BATCH_LEDGER, LedgerTotals.class, Step.LOAD_LEDGER, sinks.ledger());
        return loaded;
    }

    private WatermarkStrategy<DecodedRecord> watermarks() {
        return TrackerWatermarks.strategy(
                settings.get(JobOptions.OUT_OF_ORDERNESS), settings.get(JobOptions.IDLE_GRACE));
    }

    private KeepTime keepTime(Backlog backlog) {
        return new KeepTime(backlog, settings.get(JobOptions.IDLE_GRACE));
    }

    private Admit admit(TenantReader tenants) {
        return new Admit(
                tenants,
                settings.get(JobOptions.TENANT_REFRESH),
                settings.get(JobOptions.SESSION_LATENESS),
                Admit.BARRIER_PATIENCE);
    }

    private static String sessionKey(SessionEvent event) {
        return SessionKeys.operatorKey(event.tenantHk(), event.sessionId());
    }

    private DataStream<LedgerEntry> count(SingleOutputStreamOperator<?> outcomesOf, Step step) {
        return step.of(
                outcomesOf
                        .getSideOutput(SideOutputs.LEDGER)
                        .transform(
                                step.id(),
                                TypeInformation.of(LedgerEntry.class),
                                new CountOutcomes(settings.get(JobOptions.BATCH_AGE))));
    }

    private <T> void load(
            DataStream<T> stream, Step batch, Class<T> type, Step load, Sink<List<T>> sink) {
        Duration heartbeat = settings.get(JobOptions.HEARTBEAT);
        load.of(batches(stream, batch, type, heartbeat).sinkTo(sink));
    }

    private <T> SingleOutputStreamOperator<List<T>> batches(
            DataStream<T> stream, Step step, Class<T> type, Duration heartbeat) {
        MicroBatch<T> operator =
                new MicroBatch<>(
                        settings.get(JobOptions.BATCH_SIZE),
                        settings.get(JobOptions.BATCH_AGE),
                        heartbeat);
        return step.of(stream.transform(step.id(), new MicroBatchType<>(type), operator));
    }
}
