package io.onevault.tracking.job.session;

import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.session.Settlement;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SessionTimers;
import io.onevault.tracking.state.SettledSession;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The session windows of a key, in event time: makes its sessions anew at each firing and emits
 * what changed since the last one. It fires soon after a change, when the watermark passes the end
 * of a session by the gap, and when nothing may change any more. Flink's own merging windows can't
 * forget the beginning of a session that never ends; see docs/adr/0004-session-windows.md.
 */
final class BuildSessions extends KeyedProcessFunction<String, SessionEvent, SessionUpdate>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1;

    static final ListStateDescriptor<SessionEvent> EVENTS =
            new ListStateDescriptor<>("session-events", TypeInformation.of(SessionEvent.class));

    static final MapStateDescriptor<String, PublishedSession> PUBLISHED =
            new MapStateDescriptor<>(
                    "published-sessions", Types.STRING, TypeInformation.of(PublishedSession.class));

    static final ValueStateDescriptor<SettledSession> SETTLED =
            new ValueStateDescriptor<>("settled-session", TypeInformation.of(SettledSession.class));

    static final ValueStateDescriptor<SessionTimers> TIMERS =
            new ValueStateDescriptor<>("session-timers", TypeInformation.of(SessionTimers.class));

    private static final long DELAY_PER_WAIT = 4;
    private static final long MOST_WAIT_MILLIS = 30_000;

    // -- configuration
    private final long earlyFiringMillis;
    private final long latenessMillis;

    // -- runtime
    private transient ListState<SessionEvent> events;
    private transient MapState<String, PublishedSession> published;
    private transient ValueState<SettledSession> settled;
    private transient KeyTimers timers;
    private transient Forgetting forgetting;
    private transient Replay replay;

    /** Whether there was an attempt before, which may have published what is forgotten. */
    private transient boolean restored;

    /**
     * @param earlyFiring longest time between a change and its firing, of events that come in time
     * @param lateness how late an event may be to still change its session
     */
    BuildSessions(Duration earlyFiring, Duration lateness) {
        this.earlyFiringMillis = earlyFiring.toMillis();
        this.latenessMillis = lateness.toMillis();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        restored = context.isRestored();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        // All state is keyed.
    }

    @Override
    public void open(OpenContext context) {
        var state = getRuntimeContext();
        events = state.getListState(EVENTS);
        published = state.getMapState(PUBLISHED);
        settled = state.getState(SETTLED);
        timers = new KeyTimers(state.getState(TIMERS));
        forgetting = new Forgetting(events, published, settled);
        replay = new Replay(Instant.now());
    }

    @Override
    public void processElement(SessionEvent event, Context context, Collector<SessionUpdate> out)
            throws Exception {
        if (event.isForgotten()) {
            forget(event, context);
            return;
        }
        long watermark = context.timerService().currentWatermark();
        if (Settlement.isTooLate(event, watermark, latenessMillis)) {
            setAside(event, context);
            return;
        }
        events.add(event);
        SessionTimers set = timers.get(context.getCurrentKey());
        long firing = set == null ? SessionTimers.NONE : set.firing();
        long closing = set == null ? SessionTimers.NONE : set.closing();
        if (firing == SessionTimers.NONE) {
            long now = context.timerService().currentProcessingTime();
            firing = now + waitMillis(now - event.loadDate().toEpochMilli());
            context.timerService().registerProcessingTimeTimer(firing);
        }
        long closes = Settlement.closingMillis(event);
        if (closing == SessionTimers.NONE || closes < closing) {
            closing = closes;
            context.timerService().registerEventTimeTimer(closing);
        }
        if (set == null || firing != set.firing() || closing != set.closing()) {
            boolean unpublished = set == null || set.unpublished();
            timers.set(context.getCurrentKey(), new SessionTimers(firing, closing, unpublished));
        }
    }

    /**
     * How long a change may wait for others: the longer, the longer it has been on its way already.
     * A job that is behind so spares versions of sessions that are over before anyone sees them.
     */
    private long waitMillis(long delayMillis) {
        long wait = Math.min(delayMillis / DELAY_PER_WAIT, MOST_WAIT_MILLIS);
        return Math.max(wait, earlyFiringMillis);
    }

    /** What others did in its sessions is told again. */
    private void forget(SessionEvent gone, Context context) throws Exception {
        String key = context.getCurrentKey();
        SessionTimers set = timers.get(key);
        if (set == null) {
            return;
        }
        Forgetting.Outcome outcome = forgetting.forget(gone);
        var service = context.timerService();
        for (SessionEvent event : outcome.removed()) {
            service.deleteEventTimeTimer(Settlement.closingMillis(event));
            service.deleteEventTimeTimer(
                    new Settlement(0, List.of(event), null).overMillis(latenessMillis));
        }
        if (outcome.nothingLeft()) {
            service.deleteEventTimeTimer(set.closing());
            service.deleteProcessingTimeTimer(set.firing());
            timers.clear(key);
        } else if (!outcome.removed().isEmpty()) {
            long soon = service.currentProcessingTime() + earlyFiringMillis;
            long firing = set.firing() == SessionTimers.NONE ? soon : set.firing();
            service.registerProcessingTimeTimer(firing);
            service.registerEventTimeTimer(set.closing());
            timers.set(key, new SessionTimers(firing, set.closing(), set.unpublished()));
        }
    }

    /** A correction of an event that is too late by now corrects nothing. */
    private static void setAside(SessionEvent event, Context context) {
        if (event.correctedAt() == null) {
            context.output(SideOutputs.LATE, event);
        }
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<SessionUpdate> out)
            throws Exception {
        SessionTimers set = timers.get(context.getCurrentKey());
        boolean closing = context.timeDomain() == TimeDomain.EVENT_TIME;
        // Timers are not taken back when they are superseded by others.
        if (set != null && time == (closing ? set.closing() : set.firing())) {
            fire(set, closing, context, out);
        }
    }

    private void fire(
            SessionTimers set,
            boolean closing,
            OnTimerContext context,
            Collector<SessionUpdate> out)
            throws Exception {
        long watermark = context.timerService().currentWatermark();
        SettledSession before = set.unpublished() ? null : settled.value();
        Sessions sessions = Sessionizer.sessionize(current(before, context), before);
        List<SessionEvent> ends = ends(sessions.sessions());
        ends.addAll(sessions.unassigned());
        if (closing && set.firing() != SessionTimers.NONE && !closes(ends, set, watermark)) {
            // The session went on: its change is published by the early firing that is due.
            schedule(set.firing(), nextClosing(ends, watermark), set.unpublished(), context);
            return;
        }
        Settlement settlement = Settlement.of(sessions, before, watermark, latenessMillis);
        boolean published = publish(sessions, settlement, set, watermark, out);
        keep(sessions, settlement, before);
        if (settlement.kept().isEmpty() && settlement.settled() == null) {
            timers.clear(context.getCurrentKey());
            return;
        }
        List<Session> all = sessions.sessions();
        long next = nextClosing(ends(all.subList(settlement.sessions(), all.size())), watermark);
        schedule(
                SessionTimers.NONE,
                next < Long.MAX_VALUE ? next : settlement.overMillis(latenessMillis),
                set.unpublished() && !published && settlement.settled() == null,
                context);
    }

    static List<SessionEvent> ends(List<Session> sessions) {
        List<SessionEvent> ends = new ArrayList<>();
        sessions.forEach(session -> ends.add(session.last()));
        return ends;
    }

    /** Whether something closes that the timer was set for. */
    private static boolean closes(List<SessionEvent> ends, SessionTimers set, long watermark) {
        for (SessionEvent end : ends) {
            long closing = Settlement.closingMillis(end);
            if (closing >= set.closing() && closing <= watermark) {
                return true;
            }
        }
        return false;
    }

    /** When the next of them closes; the end of time when none is open. */
    static long nextClosing(List<SessionEvent> ends, long watermark) {
        long next = Long.MAX_VALUE;
        for (SessionEvent end : ends) {
            long closing = Settlement.closingMillis(end);
            next = closing > watermark ? Math.min(next, closing) : next;
        }
        return next;
    }

    private void schedule(long firing, long closing, boolean unpublished, OnTimerContext context)
            throws Exception {
        context.timerService().registerEventTimeTimer(closing);
        timers.set(context.getCurrentKey(), new SessionTimers(firing, closing, unpublished));
    }

    /** The events that are not covered by what is settled. */
    private List<SessionEvent> current(SettledSession before, OnTimerContext context)
            throws Exception {
        List<SessionEvent> current = new ArrayList<>();
        boolean covered = false;
        for (SessionEvent event : events.get()) {
            if (before != null && before.covers(event)) {
                setAside(event, context);
                covered = true;
            } else {
                current.add(event);
            }
        }
        if (covered) {
            events.update(current);
        }
        return current;
    }

    /** Whether anything is published now that was not before. */
    private boolean publish(
            Sessions sessions,
            Settlement settlement,
            SessionTimers set,
            long watermark,
            Collector<SessionUpdate> out)
            throws Exception {
        Map<String, PublishedSession> before = new HashMap<>();
        if (!set.unpublished()) {
            for (Map.Entry<String, PublishedSession> entry : published.entries()) {
                before.put(entry.getKey(), entry.getValue());
            }
        }
        int over = settlement.sessions();
        var publication = SessionPublisher.publish(sessions, before, watermark, over);
        if (restored && replay.brought(publication.updates())) {
            // An attempt that failed may have published these sessions otherwise, although what is
            // known of them again does not change by this event.
            publication = SessionPublisher.publish(sessions, before, watermark, over, true);
        }
        SessionSpan span = replay.span(publication.updates(), sessions.sessions());
        for (SessionUpdate update : publication.updates()) {
            out.collect(span == null ? update : update.within(span));
        }
        for (String bk : publication.gone()) {
            published.remove(bk);
        }
        // One by one: a write batch costs RocksDB more than the one or two that there are.
        for (Map.Entry<String, PublishedSession> entry : publication.changed().entrySet()) {
            published.put(entry.getKey(), entry.getValue());
        }
        return !publication.changed().isEmpty();
    }

    private void keep(Sessions sessions, Settlement settlement, SettledSession before)
            throws Exception {
        if (settlement.kept().isEmpty()) {
            events.clear();
            published.clear();
        } else if (settlement.settled() != before) {
            events.update(settlement.kept());
            for (Session session : sessions.sessions().subList(0, settlement.sessions())) {
                published.remove(session.bk());
            }
        }
        if (settlement.settled() != before) {
            settled.update(settlement.settled());
        }
    }
}
