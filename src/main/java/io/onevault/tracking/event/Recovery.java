package io.onevault.tracking.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a record comes from that was rejected once and is submitted again: the place and append
 * time of the original, and why it was rejected.
 */
public record Recovery(
        String topic, int partition, long offset, Instant appendedAt, RejectReason reason) {

    /** The header of such a record, whose value is {@link #text}. */
    public static final String HEADER = "site-tracking-recovered-from";

    private static final int PARTS = 5;

    /** {@code topic/partition/offset/append time in epoch milliseconds/reason}. */
    public String text() {
        return place() + '/' + appendedAt.toEpochMilli() + '/' + reason;
    }

    /** {@code topic/partition/offset}. */
    public String place() {
        return topic + '/' + partition + '/' + offset;
    }

    /** Reads a header; null where it is not one of ours. */
    public static @Nullable Recovery parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != PARTS) {
            return null;
        }
        try {
            return new Recovery(
                    parts[0],
                    Integer.parseInt(parts[1]),
                    Long.parseLong(parts[2]),
                    Instant.ofEpochMilli(Long.parseLong(parts[3])),
                    RejectReason.valueOf(parts[4]));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
