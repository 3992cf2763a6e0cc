package io.onevault.tracking.session;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Engaged time from page pings: for each page view ten seconds for every distinct ten-second bucket
 * with a ping but the first, and five for the first; nothing without pings. A ping belongs to the
 * page view that it names, else to the last one of its URL; one that is told again begins nothing.
 * A ping that ends a view tells how long it was seen in all, also in sessions before, which counts
 * as far as it is less than ten seconds more than the others say, and no longer than since the
 * first event of the view in this session.
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
            Seen seen = seenOfView.computeIfAbsent(view, key -> new Seen(event.occurredAt()));
            if (event.type().equals(EventType.PAGE_PING)) {
                seen.add(event);
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

        private final Instant begin;
        private final Set<Long> buckets = new HashSet<>();
        private long leftAfterMillis;

        /**
         * @param begin of the view in this session
         */
        private Seen(Instant begin) {
            this.begin = begin;
        }

        private void add(SessionEvent ping) {
            if (ping.leftAfterMillis() == null) {
                buckets.add(Math.floorDiv(ping.occurredAt().toEpochMilli(), BUCKET_MILLIS));
            } else {
                long here = Duration.between(begin, ping.occurredAt()).toMillis();
                leftAfterMillis = Math.max(leftAfterMillis, Math.min(ping.leftAfterMillis(), here));
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
