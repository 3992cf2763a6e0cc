package io.onevault.tracking.reprocess;

import java.time.Instant;

/**
 * How fast a build was that is over.
 *
 * @param began when its reprocess began
 * @param slots that it had
 */
record MeasuredBuild(Instant began, long events, double seconds, int slots) {

    double eventsPerSecond() {
        return events / seconds;
    }
}
