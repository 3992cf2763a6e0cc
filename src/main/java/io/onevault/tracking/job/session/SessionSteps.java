package io.onevault.tracking.job.session;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.KeptSessions;
import io.onevault.tracking.state.SessionEvent;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.state.api.OperatorTransformation;
import org.apache.flink.state.api.StateBootstrapTransformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The steps that build sessions of loaded events, and set aside those that come too late. */
public record SessionSteps(JobSettings settings) {

    /**
     * The events that sessions are made of.
     *
     * @param selected those that tell of no transaction
     * @param transactions those that do
     */
    public record SessionEvents(
            SingleOutputStreamOperator<SessionEvent> selected,
            SingleOutputStreamOperator<SessionEvent> transactions) {

        private KeyedStream<SessionEvent, String> keyed() {
            return selected.union(transactions).keyBy(SessionSteps::key);
        }
    }

    public SessionEvents events(DataStream<EnrichedEvent> loaded) {
        var selected = Step.SELECT_SESSION_EVENTS.of(loaded.process(new SelectSessionEvents()));
        var count =
                new CountTransactions(
                        settings.get(JobOptions.ARCHIVE_TTL),
                        settings.get(JobOptions.SESSION_LATENESS));
        var transactions =
                Step.COUNT_TRANSACTIONS.of(
                        selected.getSideOutput(SideOutputs.TRANSACTIONS)
                                .keyBy(CountTransactions::key)
                                .process(count));
        return new SessionEvents(selected, transactions);
    }

    /** Returns the late events. */
    public SingleOutputStreamOperator<SessionUpdate> sessions(
            DataStream<EnrichedEvent> loaded, Sink<List<SessionUpdate>> loader) {
        return sessions(events(loaded), loader);
    }

    /** Returns the late events. */
    public SingleOutputStreamOperator<SessionUpdate> sessions(
            SessionEvents events, Sink<List<SessionUpdate>> loader) {
        var build =
                new BuildSessions(
                        settings.get(JobOptions.SESSION_EARLY_FIRING),
                        settings.get(JobOptions.SESSION_LATENESS));
        var sessions = Step.BUILD_SESSIONS.of(events.keyed().process(build));
        var late =
                Step.RECORD_LATE_EVENTS.of(
                        events.selected()
                                .getSideOutput(SideOutputs.LATE)
                                .union(
                                        events.transactions().getSideOutput(SideOutputs.LATE),
                                        sessions.getSideOutput(SideOutputs.LATE))
                                .process(new RecordLateEvents()));

        LoadSteps load = new LoadSteps(settings);
        load.load(late, SessionUpdate.class, Step.LOAD_LATE_EVENTS, loader);
        load.load(sessions, SessionUpdate.class, Step.LOAD_SESSIONS, loader);
        return late;
    }

    /**
     * The state of sessions that a job with these settings would have after the events, which are
     * history and read in batch mode.
     *
     * @param watermark of that job, epoch milliseconds
     */
    public StateBootstrapTransformation<KeptSessions> state(SessionEvents events, long watermark) {
        var keep = new KeepUnfinished(watermark, settings.get(JobOptions.SESSION_LATENESS));
        String id = "keep-unfinished";
        var kept = events.keyed().process(keep).name(id).uid(id);
        return OperatorTransformation.bootstrapWith(kept)
                .keyBy(KeptSessions::key, Types.STRING)
                .transform(new KeepState());
    }

    private static String key(SessionEvent event) {
        return SessionKeys.operatorKey(event, event.sessionId());
    }
}
