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
 * with a ping but the first, and five for the first; nothing without pings.
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
        Map<String, Integer> viewsOfUrl = new HashMap<>();
        Map<String, Set<Long>> bucketsOfView = new HashMap<>();
        for (SessionEvent event : events) {
            if (event.type().equals(EventType.PAGE_VIEW)) {
                viewsOfUrl.merge(String.valueOf(event.pageUrl()), 1, Integer::sum);
            } else if (event.type().equals(EventType.PAGE_PING)) {
                bucketsOfView
                        .computeIfAbsent(pageView(event, viewsOfUrl), view -> new HashSet<>())
                        .add(Math.floorDiv(event.occurredAt().toEpochMilli(), BUCKET_MILLIS));
            }
        }
        long seconds = 0;
        for (Set<Long> buckets : bucketsOfView.values()) {
            seconds += BUCKET_SECONDS * (buckets.size() - 1) + FIRST_BUCKET_SECONDS;
        }
        return seconds;
    }

    /** The page view a ping belongs to: by its id, else the last view of the same URL before it. */
    private static String pageView(SessionEvent ping, Map<String, Integer> viewsOfUrl) {
        if (ping.pageViewId() != null) {
            return "id " + ping.pageViewId();
        }
        String url = String.valueOf(ping.pageUrl());
        return "url " + viewsOfUrl.getOrDefault(url, 0) + ' ' + url;
    }
}
