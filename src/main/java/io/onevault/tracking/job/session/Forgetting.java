package io.onevault.tracking.job.session;

import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SettledSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;

/** Takes an erased event out of what is kept of a key, and what is kept only because of it. */
final class Forgetting {

    /**
     * What became of the key.
     *
     * @param removed the event, where it was kept, and corrections of it
     */
    record Outcome(List<SessionEvent> removed, boolean nothingLeft) {}

    private final ListState<SessionEvent> events;
    private final MapState<String, PublishedSession> published;
    private final ValueState<SettledSession> settled;

    Forgetting(
            ListState<SessionEvent> events,
            MapState<String, PublishedSession> published,
            ValueState<SettledSession> settled) {
        this.events = events;
        this.published = published;
        this.settled = settled;
    }

    Outcome forget(SessionEvent gone) throws Exception {
        List<SessionEvent> removed = new ArrayList<>();
        List<SessionEvent> left = new ArrayList<>();
        for (SessionEvent event : events.get()) {
            (event.eventBk().equals(gone.eventBk()) ? removed : left).add(event);
        }
        if (left.isEmpty()) {
            events.clear();
            published.clear();
            settled.clear();
        } else if (!removed.isEmpty()) {
            events.update(left);
            unpublish(gone);
        }
        return new Outcome(removed, left.isEmpty());
    }

    /** The database has dissolved its sessions, and knows which it must not take again. */
    private void unpublish(SessionEvent gone) throws Exception {
        List<String> dissolved = new ArrayList<>();
        for (Map.Entry<String, PublishedSession> session : published.entries()) {
            if (SessionPublisher.isLinked(gone, session.getValue())) {
                dissolved.add(session.getKey());
            }
        }
        for (String bk : dissolved) {
            published.remove(bk);
        }
    }
}
