package io.onevault.tracking.job;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotal;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.Description;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The data flow, in reading order. Sources and sinks come in from outside, so that tests run this
 * very method.
 */
final class Topology {

    /** Where the flow ends. */
    record Sinks(
            Sink<List<EnrichedEvent>> events,
            Sink<List<Description>> descriptions,
            Sink<List<SessionUpdate>> sessions,
            Sink<RejectedEvent> rejectedTopic,
            Sink<List<RejectedEvent>> rejectedRows,
            Sink<List<LedgerTotal>> ledger) {}

    private final JobSettings settings;

    private Topology(JobSettings settings) {
        this.settings = settings;
    }

    static void build(
            StreamExecutionEnvironment env,
            Source<DecodedRecord, ?, ?> tracker,
            TenantReader tenants,
            Sinks sinks,
            JobSettings settings) {
        new Topology(settings).draw(env, tracker, tenants, sinks);
    }

    private void draw(
            StreamExecutionEnvironment env,
            Source<DecodedRecord, ?, ?> tracker,
            TenantReader tenants,
            Sinks sinks) {
        var records =
                Step.TRACKER_EVENTS.of(
                        env.fromSource(tracker, watermarks(), Step.TRACKER_EVENTS.id()));
        var admitted = Step.ADMIT.of(records.process(admit(tenants)));
        var unique =
                Step.ARCHIVE.of(
                        admitted.keyBy(Archive::key)
                                .process(new Archive(settings.get(JobOptions.ARCHIVE_TTL))));
        var enriched =
                Step.ENRICH.of(unique.map(new Enrich(settings.get(JobOptions.USER_AGENT_CACHE))));
        var news =
                Step.TRACK_DESCRIPTIONS.of(
                        Step.FIND_DESCRIPTIONS
                                .of(enriched.flatMap(new FindDescriptions()))
                                .keyBy(Description::key)
                                .process(
                                        new TrackDescriptions(
                                                settings.get(JobOptions.ARCHIVE_TTL))));
        var sessionEvents =
                Step.SELECT_SESSION_EVENTS.of(enriched.process(new SelectSessionEvents()));
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
        var rejected = admitted.getSideOutput(SideOutputs.REJECTED);
        var rejectedOfTenants =
                Step.SELECT_REJECTED_OF_TENANTS.of(
                        rejected.filter(event -> event.tenantHk() != null));
        var totals = totals(admitted, unique, late);

        load(enriched, Step.BATCH_EVENTS, EnrichedEvent.class, Step.LOAD_EVENTS, sinks.events());
        load(
                news,
                Step.BATCH_DESCRIPTIONS,
                Description.class,
                Step.LOAD_DESCRIPTIONS,
                sinks.descriptions());
        load(
                sessions.union(late),
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
        load(totals, Step.BATCH_LEDGER, LedgerTotal.class, Step.LOAD_LEDGER, sinks.ledger());
    }

    private WatermarkStrategy<DecodedRecord> watermarks() {
        return TrackerWatermarks.strategy(
                settings.get(JobOptions.OUT_OF_ORDERNESS), settings.get(JobOptions.IDLE_GRACE));
    }

    private Admit admit(TenantReader tenants) {
        return new Admit(
                tenants,
                settings.get(JobOptions.TENANT_REFRESH),
                settings.get(JobOptions.SESSION_LATENESS));
    }

    private static String sessionKey(SessionEvent event) {
        return SessionKeys.operatorKey(event.tenantBk(), event.sessionId());
    }

    private DataStream<LedgerTotal> totals(
            SingleOutputStreamOperator<AdmittedEvent> admitted,
            SingleOutputStreamOperator<AdmittedEvent> unique,
            SingleOutputStreamOperator<SessionUpdate> late) {
        var outcomes =
                admitted.getSideOutput(SideOutputs.LEDGER)
                        .union(
                                unique.getSideOutput(SideOutputs.LEDGER),
                                late.getSideOutput(SideOutputs.LEDGER));
        var batches = batches(outcomes, Step.BATCH_OUTCOMES, LedgerEntry.class);
        var counts = Step.COUNT_OUTCOMES.of(batches.flatMap(new CountOutcomes()));
        return Step.TALLY.of(counts.keyBy(LedgerEntry::key).process(new Tally()));
    }

    private <T> void load(
            DataStream<T> stream, Step batch, Class<T> type, Step load, Sink<List<T>> sink) {
        load.of(batches(stream, batch, type).sinkTo(sink));
    }

    private <T> SingleOutputStreamOperator<List<T>> batches(
            DataStream<T> stream, Step step, Class<T> type) {
        MicroBatch<T> operator =
                new MicroBatch<>(
                        settings.get(JobOptions.BATCH_SIZE), settings.get(JobOptions.BATCH_AGE));
        return step.of(stream.transform(step.id(), new MicroBatchType<>(type), operator));
    }
}
