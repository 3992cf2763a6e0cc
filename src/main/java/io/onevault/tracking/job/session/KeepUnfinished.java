package io.onevault.tracking.job.session;

import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.session.Settlement;
import io.onevault.tracking.state.KeptSessions;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SessionTimers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Tells in batch mode, which has all events of a key, what {@link BuildSessions} would keep of it
 * at a watermark: nothing, where its sessions change no more.
 */
final class KeepUnfinished extends KeyedProcessFunction<String, SessionEvent, KeptSessions> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final long watermark;
    private final long latenessMillis;

    // -- runtime
    private transient ListState<SessionEvent> events;

    /**
     * @param watermark epoch milliseconds
     * @param lateness how late an event may be to still change its session
     */
    KeepUnfinished(long watermark, Duration lateness) {
        this.watermark = watermark;
        this.latenessMillis = lateness.toMillis();
    }

    @Override
    public void open(OpenContext context) {
        events = getRuntimeContext().getListState(BuildSessions.EVENTS);
    }

    @Override
    public void processElement(SessionEvent event, Context context, Collector<KeptSessions> out)
            throws Exception {
        events.add(event);
        // In batch mode the end of the key.
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<KeptSessions> out)
            throws Exception {
        Sessions all = Sessionizer.sessionize(events.get());
        events.clear();
        // What is kept beside what may change, the job could tell anew, whoever else had the last
        // word.
        Sessions sessions =
                Sessionizer.sessionize(Settlement.unfinished(all, watermark, latenessMillis));
        Settlement settlement = Settlement.of(sessions, null, watermark, latenessMillis);
        if (!settlement.kept().isEmpty() || settlement.settled() != null) {
            out.collect(kept(context.getCurrentKey(), sessions, settlement));
        }
    }

    private KeptSessions kept(String key, Sessions sessions, Settlement settlement) {
        int over = settlement.sessions();
        Map<String, PublishedSession> published =
                new HashMap<>(
                        SessionPublisher.publish(sessions, Map.of(), watermark, over).changed());
        List<Session> all = sessions.sessions();
        all.subList(0, over).forEach(session -> published.remove(session.bk()));
        List<SessionEvent> ends = BuildSessions.ends(all.subList(over, all.size()));
        long next = BuildSessions.nextClosing(ends, watermark);
        long closing = next < Long.MAX_VALUE ? next : settlement.overMillis(latenessMillis);
        return new KeptSessions(
                key,
                settlement.kept(),
                published,
                settlement.settled(),
                new SessionTimers(SessionTimers.NONE, closing, false));
    }
}
