package io.onevault.tracking.contract;

import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.text.Sha256;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

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
            return Sha256.hex(payload, CONTENT_BYTES);
        }
        Instant receivedAt = event.timing().receivedAt();
        return event.eventId() == null && receivedAt != null
                ? Sha256.hex(
                        payload + '|' + ChronoUnit.MICROS.between(Instant.EPOCH, receivedAt),
                        CONTENT_BYTES)
                : Sha256.hex(
                        payload + '|' + LocalDate.ofInstant(occurredAt, ZoneOffset.UTC),
                        CONTENT_BYTES);
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
}
