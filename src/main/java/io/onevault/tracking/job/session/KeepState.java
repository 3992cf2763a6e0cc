package io.onevault.tracking.job.session;

import io.onevault.tracking.state.KeptSessions;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SessionTimers;
import io.onevault.tracking.state.SettledSession;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.state.api.functions.KeyedStateBootstrapFunction;

/** Writes into a savepoint what {@link BuildSessions} keeps of a key. */
final class KeepState extends KeyedStateBootstrapFunction<String, KeptSessions> {

    private static final long serialVersionUID = 1;

    private transient ListState<SessionEvent> events;
    private transient MapState<String, PublishedSession> published;
    private transient ValueState<SettledSession> settled;
    private transient ValueState<SessionTimers> timers;

    @Override
    public void open(OpenContext context) {
        var state = getRuntimeContext();
        events = state.getListState(BuildSessions.EVENTS);
        published = state.getMapState(BuildSessions.PUBLISHED);
        settled = state.getState(BuildSessions.SETTLED);
        timers = state.getState(BuildSessions.TIMERS);
    }

    @Override
    public void processElement(KeptSessions kept, Context context) throws Exception {
        events.update(kept.events());
        published.putAll(kept.published());
        if (kept.settled() != null) {
            settled.update(kept.settled());
        }
        timers.update(kept.timers());
        context.timerService().registerEventTimeTimer(kept.timers().closing());
    }
}
