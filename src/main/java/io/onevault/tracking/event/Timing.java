package io.onevault.tracking.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The three clocks of an event, UTC, microsecond resolution.
 *
 * @param eventTimestamp when it occurred, by the client's clock
 * @param sentAt when the client sent it, by the client's clock
 * @param receivedAt when the collector received it, by the collector's clock
 */
public record Timing(
        @Nullable Instant eventTimestamp, @Nullable Instant sentAt, @Nullable Instant receivedAt) {

    public static final Timing NONE = new Timing(null, null, null);
}
