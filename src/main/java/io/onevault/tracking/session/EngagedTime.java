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
 */
final class EngagedTime {

    private static final long BUCKET_MILLIS = 10_000;
    private static final long BUCKET_SECONDS = 10;
    private static final long FIRST_BUCKET_SECONDS = 5;

    private EngagedTime() {}

    /**
     * @param events ordered by (event time, event key)
     */
    static long seconds(List<SessionEvent> events) {
        Map<String, String> viewOfUrl = new HashMap<>();
        Map<String, Set<Long>> bucketsOfView = new HashMap<>();
        Set<String> viewed = new HashSet<>();
        for (SessionEvent event : events) {
            String view = event.pageViewId() == null ? null : "id " + event.pageViewId();
            String url = String.valueOf(event.pageUrl());
            if (event.type().equals(EventType.PAGE_VIEW)) {
                String begun = view == null ? "view " + viewed.size() : view;
                if (viewed.add(begun)) {
                    viewOfUrl.put(url, begun);
                }
            } else if (event.type().equals(EventType.PAGE_PING)) {
                String pinged = view == null ? viewOfUrl.getOrDefault(url, "url " + url) : view;
                bucketsOfView
                        .computeIfAbsent(pinged, key -> new HashSet<>())
                        .add(Math.floorDiv(event.occurredAt().toEpochMilli(), BUCKET_MILLIS));
            }
        }
        long seconds = 0;
        for (Set<Long> buckets : bucketsOfView.values()) {
            seconds += BUCKET_SECONDS * (buckets.size() - 1) + FIRST_BUCKET_SECONDS;
        }
        return seconds;
    }
}
