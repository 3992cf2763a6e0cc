package io.onevault.tracking.contract;

import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/** Business keys of events: the client's id, else a hash of what the event says. */
public final class EventKeys {

    private static final String PREFIX = "evt_";
    private static final char SEPARATOR = '|';
    private static final int REUSE_SUFFIX_BYTES = 8;

    private EventKeys() {}

    /**
     * The event business key. Without a client id, the reception time tells events apart that name
     * no time of their own; otherwise a second delivery of the same event gets the same key.
     *
     * @param payload the event's canonical JSON text
     */
    public static String eventBk(TrackerEvent event, String visitorBk, String payload) {
        if (event.eventId() != null) {
            return PREFIX + event.eventId();
        }
        StringBuilder content = new StringBuilder(payload.length() + 80);
        content.append(payload).append(SEPARATOR).append(visitorBk);
        Instant receivedAt = event.timing().receivedAt();
        if (event.timing().eventTimestamp() == null && receivedAt != null) {
            content.append(SEPARATOR);
            Instants.append(content, receivedAt);
        }
        return PREFIX + HexFormat.of().formatHex(sha256(content.toString()));
    }

    /**
     * Key of another event that came under the id of {@code eventBk}: its content tells it apart.
     */
    public static String reusedEventBk(String eventBk, String payload) {
        return eventBk + '.' + HexFormat.of().formatHex(sha256(payload), 0, REUSE_SUFFIX_BYTES);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
