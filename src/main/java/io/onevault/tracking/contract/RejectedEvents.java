package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The records of the rejected topic: why an event was refused, and its bytes as they came. */
public final class RejectedEvents {

    static final String ORIGINAL = "original";
    static final String SOURCE = "source";
    private static final JsonFactory JSON = JsonFactories.strict();

    private RejectedEvents() {}

    /**
     * One JSON object; the original bytes are in it in base64, since they may be anything.
     *
     * @param jobVersion version of the program that refused the event
     */
    public static byte[] toJson(RejectedEvent rejected, String jobVersion) {
        ByteArrayOutputStream out =
                new ByteArrayOutputStream(512 + rejected.original().length * 3 / 2);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("reason", rejected.reason().name());
            optional(json, "field", rejected.field());
            optional(json, "expected", rejected.expected());
            optional(json, "tenant", rejected.tenantBk());
            json.writeStringField("occurred_at", iso(rejected.occurredAt()));
            json.writeBinaryField(ORIGINAL, rejected.original());
            source(json, rejected.position());
            json.writeStringField("job_version", jobVersion);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory does not fail", e);
        }
        return out.toByteArray();
    }

    /**
     * The note that an event was submitted again, which follows it in the rejected topic.
     *
     * @param recoveredAt when
     */
    public static byte[] recovered(Recovery original, Instant recoveredAt) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("recovered_at", iso(recoveredAt));
            source(
                    json,
                    new SourcePosition(
                            original.topic(),
                            original.partition(),
                            original.offset(),
                            original.appendedAt()));
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory does not fail", e);
        }
        return out.toByteArray();
    }

    private static void source(JsonGenerator json, SourcePosition position) throws IOException {
        json.writeObjectFieldStart(SOURCE);
        json.writeStringField("topic", position.topic());
        json.writeNumberField("partition", position.partition());
        json.writeNumberField("offset", position.offset());
        // However often it is submitted: its times, and whether it is erased, are judged by it.
        json.writeStringField("appended_at", iso(position.firstAppendedAt()));
        json.writeEndObject();
    }

    private static void optional(JsonGenerator json, String name, @Nullable String value)
            throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    private static String iso(Instant instant) {
        StringBuilder text = new StringBuilder();
        Instants.append(text, instant);
        return text.toString();
    }
}
