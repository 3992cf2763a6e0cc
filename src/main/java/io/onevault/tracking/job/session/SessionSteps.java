package io.onevault.tracking.job.session;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The steps that build sessions of loaded events, and set aside those that come too late. */
public record SessionSteps(JobSettings settings) {

    /** Returns the late events. */
    public SingleOutputStreamOperator<SessionUpdate> sessions(
            DataStream<EnrichedEvent> loaded, Sink<List<SessionUpdate>> loader) {
        Duration lateness = settings.get(JobOptions.SESSION_LATENESS);
        var selected = Step.SELECT_SESSION_EVENTS.of(loaded.process(new SelectSessionEvents()));
        var transactions =
                Step.COUNT_TRANSACTIONS.of(
                        selected.getSideOutput(SideOutputs.TRANSACTIONS)
                                .keyBy(CountTransactions::key)
                                .process(
                                        new CountTransactions(
                                                settings.get(JobOptions.ARCHIVE_TTL), lateness)));
        var sessions =
                Step.BUILD_SESSIONS.of(
                        selected.union(transactions)
                                .keyBy(SessionSteps::key)
                                .process(
                                        new BuildSessions(
                                                settings.get(JobOptions.SESSION_EARLY_FIRING),
                                                lateness)));
        var late =
                Step.RECORD_LATE_EVENTS.of(
                        selected.getSideOutput(SideOutputs.LATE)
                                .union(
                                        transactions.getSideOutput(SideOutputs.LATE),
                                        sessions.getSideOutput(SideOutputs.LATE))
                                .process(new RecordLateEvents()));

        LoadSteps load = new LoadSteps(settings);
        load.load(late, SessionUpdate.class, Step.LOAD_LATE_EVENTS, loader);
        load.load(sessions, SessionUpdate.class, Step.LOAD_SESSIONS, loader);
        return late;
    }

    private static String key(SessionEvent event) {
        return SessionKeys.operatorKey(event, event.sessionId());
    }
}
