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
 * A ping that ends a view tells how long it was seen in all, which counts as far as it is less than
 * ten seconds more than the others say.
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
        Map<String, Seen> seenOfView = new HashMap<>();
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
                seenOfView.computeIfAbsent(pinged, key -> new Seen()).add(event);
            }
        }
        long seconds = 0;
        for (Seen seen : seenOfView.values()) {
            seconds += seen.seconds();
        }
        return seconds;
    }

    /** What the pings of a view tell. */
    private static final class Seen {

        private final Set<Long> buckets = new HashSet<>();
        private long leftAfterMillis;

        private void add(SessionEvent ping) {
            if (ping.leftAfterMillis() == null) {
                buckets.add(Math.floorDiv(ping.occurredAt().toEpochMilli(), BUCKET_MILLIS));
            } else {
                leftAfterMillis = Math.max(leftAfterMillis, ping.leftAfterMillis());
            }
        }

        private long seconds() {
            long pinged =
                    buckets.isEmpty()
                            ? 0
                            : BUCKET_SECONDS * (buckets.size() - 1) + FIRST_BUCKET_SECONDS;
            long told = Math.min(leftAfterMillis / 1_000, pinged + BUCKET_SECONDS);
            return Math.max(pinged, told);
        }
    }
}
