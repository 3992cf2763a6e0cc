package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.onevault.tracking.event.EventType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the collector says of events, put behind what they say themselves: the last of two members
 * of one name counts, so no client can say it instead.
 *
 * @param site whose key was given
 * @param receivedAt when the request came
 * @param address of the client, null where the event itself may tell
 * @param agent the client's program, null as well
 * @param gpc whether the client signals Global Privacy Control
 * @param dnt whether it signals Do Not Track
 */
record Stamp(
        Site site,
        Instant receivedAt,
        @Nullable String address,
        @Nullable String agent,
        boolean gpc,
        boolean dnt) {

    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    private static final byte[] COLLECTOR = utf8(",\"collector\":\"http\"}");

    /** An alias, so that a tenant that the event names stays beside it and is compared. */
    private static final String TENANT = "tenantBk";

    private static final int ROOM = 512;

    /**
     * The event with the stamp.
     *
     * @param eventId an id for it, null where it has one
     */
    byte[] on(byte[] body, Submission.Slice slice, @Nullable String eventId) {
        int last = slice.to() - 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream(slice.to() - slice.from() + ROOM);
        out.write(body, slice.from(), last - slice.from());
        if (!isEmpty(body, slice)) {
            out.write(',');
        }
        out.writeBytes(utf8("\"received_at\":" + receivedAt.toEpochMilli()));
        text(out, TENANT, site.tenantBk());
        text(out, "client_ip", address);
        text(out, "user_agent", agent);
        text(out, "event_id", eventId);
        flag(out, "gpc", gpc);
        flag(out, "dnt", dnt);
        out.writeBytes(COLLECTOR);
        return out.toByteArray();
    }

    /**
     * A record that tells nothing but that there was an event which may not be kept. Its type has
     * the job count it as that, whatever the tenant allows by then.
     */
    byte[] alone() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(ROOM);
        out.writeBytes(utf8("{\"evt_type\":\"" + EventType.NOT_KEPT + "\",\"consent\":\"denied\""));
        out.writeBytes(utf8(",\"received_at\":" + receivedAt.toEpochMilli()));
        text(out, TENANT, site.tenantBk());
        text(out, "event_id", UUID.randomUUID().toString());
        out.writeBytes(COLLECTOR);
        return out.toByteArray();
    }

    private static boolean isEmpty(byte[] body, Submission.Slice slice) {
        for (int i = slice.from() + 1; i < slice.to() - 1; i++) {
            if (body[i] > ' ') {
                return false;
            }
        }
        return true;
    }

    private static void text(ByteArrayOutputStream out, String name, @Nullable String value) {
        if (value != null) {
            out.writeBytes(utf8(",\"" + name + "\":\""));
            out.writeBytes(ENCODER.quoteAsUTF8(value));
            out.write('"');
        }
    }

    private static void flag(ByteArrayOutputStream out, String name, boolean isSet) {
        if (isSet) {
            out.writeBytes(utf8(",\"" + name + "\":true"));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
