package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.state.SessionEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Engaged time from page pings: for each page view ten seconds for every distinct ten-second bucket
 * with a ping but the first, and five for the first; nothing without pings. A ping belongs to the
 * page view that it names, else to the last one of its URL; one that is told again begins nothing.
 * A ping that leaves tells how long its view was seen in all, also in sessions before, which counts
 * as far as it is less than ten seconds more than the others say, and no longer than since the
 * first event of the view in this session; {@link SeenView} says what of a view that goes on.
 */
final class EngagedTime {

    private EngagedTime() {}

    /**
     * @param events ordered by (event time, event key)
     */
    static long seconds(List<SessionEvent> events) {
        Map<String, String> viewOfUrl = new HashMap<>();
        Map<String, SeenView> seenOfView = new HashMap<>();
        Set<String> viewed = new HashSet<>();
        for (SessionEvent event : events) {
            boolean isView = event.type().equals(EventType.PAGE_VIEW);
            String url = String.valueOf(event.pageUrl());
            String view;
            if (event.pageViewId() != null) {
                view = "id " + event.pageViewId();
            } else if (isView) {
                view = "view " + viewed.size();
            } else {
                view = viewOfUrl.getOrDefault(url, "url " + url);
            }
            if (isView && viewed.add(view)) {
                viewOfUrl.put(url, view);
            }
            seenOfView.computeIfAbsent(view, key -> new SeenView(event.occurredAt())).add(event);
        }
        long seconds = 0;
        for (SeenView seen : seenOfView.values()) {
            seconds += seen.seconds();
        }
        return seconds;
    }
}
