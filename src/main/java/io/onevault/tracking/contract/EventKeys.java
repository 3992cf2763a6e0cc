package io.onevault.tracking.contract;

import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/**
 * Business keys of events: functions of the event alone, whatever came before it. The check {@code
 * event_key_recomputed} states the same in SQL.
 */
public final class EventKeys {

    private static final String PREFIX = "evt_";
    private static final int CONTENT_BYTES = 16;

    /** Enough to tell apart the events of one id. */
    private static final int DIGITS_WITH_ID = 16;

    private EventKeys() {}

    /**
     * What an event says, as 32 hex digits of the SHA-256 of its canonical payload. An event
     * without a time of its own is also told by its reception, behind a bar: with an id by the UTC
     * day, which its deliveries share but an id that is used again another day does not; without
     * one by the microsecond that the collector tells, since equal events at two times are two.
     *
     * @param payload the event's canonical JSON text
     * @param occurredAt event time, which is the reception where the event names no time
     */
    public static String contentHash(TrackerEvent event, String payload, Instant occurredAt) {
        if (event.timing().eventTimestamp() != null) {
            return sha256(payload);
        }
        Instant receivedAt = event.timing().receivedAt();
        return event.eventId() == null && receivedAt != null
                ? sha256(payload + '|' + ChronoUnit.MICROS.between(Instant.EPOCH, receivedAt))
                : sha256(payload + '|' + LocalDate.ofInstant(occurredAt, ZoneOffset.UTC));
    }

    /** The key of an event with a client's id. */
    public static String withId(String eventId, String contentHash) {
        return PREFIX + eventId + '.' + contentHash.substring(0, DIGITS_WITH_ID);
    }

    /**
     * The key of an event without an id.
     *
     * @param fingerprint tells apart visitors that sent the same
     */
    public static String withoutId(String contentHash, String fingerprint) {
        return PREFIX + contentHash + '.' + fingerprint;
    }

    private static String sha256(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, CONTENT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
