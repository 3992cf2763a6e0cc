package io.onevault.tracking.job;

import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionClaim;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionRules;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Makes the sessions of a window anew at each firing and emits what changed since the last one.
 * What was published is remembered for the key until its window is dropped.
 */
final class BuildSessions
        extends ProcessWindowFunction<SessionEvent, SessionUpdate, String, TimeWindow> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private static final MapStateDescriptor<String, PublishedSession> PUBLISHED =
            new MapStateDescriptor<>(
                    "published-sessions", Types.STRING, TypeInformation.of(PublishedSession.class));

    /** By how much the broker's clock may be ahead of this machine's. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    // -- runtime
    private transient Sessionizer sessionizer;
    private transient Instant replayedBefore;

    @Override
    public void open(OpenContext context) {
        sessionizer = new Sessionizer(SessionRules.DEFAULT);
        replayedBefore = Instant.now().plus(CLOCK_SKEW);
    }

    @Override
    public void process(
            String key,
            Context context,
            Iterable<SessionEvent> events,
            Collector<SessionUpdate> out)
            throws Exception {
        Sessions sessions = sessionizer.sessionize(events);
        MapState<String, PublishedSession> published = context.globalState().getMapState(PUBLISHED);
        Map<String, PublishedSession> before = within(context.window(), published);
        SessionPublisher.Publication publication =
                SessionPublisher.publish(sessions.sessions(), before, context.currentWatermark());

        publication.updates().forEach(out::collect);
        if (!publication.updates().isEmpty() && mayBeReplayed(sessions.sessions())) {
            out.collect(claim(context.window(), sessions.sessions()));
        }
        for (SessionEvent unassigned : sessions.unassigned()) {
            out.collect(SessionUpdate.reserved(SessionKeys.NO_SESSION, unassigned));
        }
        for (String bk : before.keySet()) {
            if (!publication.published().containsKey(bk)) {
                published.remove(bk);
            }
        }
        published.putAll(publication.published());
    }

    @Override
    public void clear(Context context) throws Exception {
        MapState<String, PublishedSession> published = context.globalState().getMapState(PUBLISHED);
        for (String bk : within(context.window(), published).keySet()) {
            published.remove(bk);
        }
    }

    /** Events appended before this run began may have been published by an earlier one. */
    private boolean mayBeReplayed(List<Session> sessions) {
        for (Session session : sessions) {
            for (SessionEvent event : session.events()) {
                if (event.loadDate().isBefore(replayedBefore)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static SessionUpdate claim(TimeWindow window, List<Session> sessions) {
        SessionEvent first = sessions.get(0).first();
        return SessionUpdate.claim(
                first.tenantHk(),
                SessionClaim.of(
                        first.sessionId(),
                        Instant.ofEpochMilli(window.getStart()),
                        Instant.ofEpochMilli(window.getEnd()),
                        sessions));
    }

    /** Windows of a key never overlap, so a published session lies in exactly one of them. */
    private static Map<String, PublishedSession> within(
            TimeWindow window, MapState<String, PublishedSession> published) throws Exception {
        Map<String, PublishedSession> within = new HashMap<>();
        for (Map.Entry<String, PublishedSession> entry : published.entries()) {
            long start = entry.getValue().start().toEpochMilli();
            if (start >= window.getStart() && start < window.getEnd()) {
                within.put(entry.getKey(), entry.getValue());
            }
        }
        return within;
    }
}
