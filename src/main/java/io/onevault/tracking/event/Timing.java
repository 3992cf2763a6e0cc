package io.onevault.tracking.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The three clocks of an event, UTC, microsecond resolution, and its place within an instant.
 *
 * @param eventTimestamp when it occurred, by the client's clock
 * @param sentAt when the client sent it, by the client's clock
 * @param receivedAt when the collector received it, by the collector's clock
 * @param sequence the client's count of its events, which orders those of one instant
 */
public record Timing(
        @Nullable Instant eventTimestamp,
        @Nullable Instant sentAt,
        @Nullable Instant receivedAt,
        @Nullable Long sequence) {

    public static final Timing NONE = new Timing(null, null, null);

    /** Times of an event that names no place within its instant. */
    public Timing(
            @Nullable Instant eventTimestamp,
            @Nullable Instant sentAt,
            @Nullable Instant receivedAt) {
        this(eventTimestamp, sentAt, receivedAt, null);
    }
}
