package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record of the rejected topic as it is read back: an event that was rejected, or the note that
 * one was submitted again.
 *
 * @param reason null in a note
 * @param original null in a note
 */
public record RejectedEntry(
        @Nullable RejectReason reason,
        @Nullable String tenantBk,
        byte @Nullable [] original,
        String topic,
        int partition,
        long offset,
        Instant appendedAt) {

    /** Where the event lay when it was rejected: {@code topic/partition/offset}. */
    public String place() {
        return topic + '/' + partition + '/' + offset;
    }

    /** What its record says when it is submitted again. */
    public Recovery recovery() {
        if (reason == null) {
            throw new IllegalStateException("A note cannot be recovered");
        }
        return new Recovery(topic, partition, offset, appendedAt, reason);
    }

    /**
     * @throws IllegalArgumentException when the bytes are no record of the rejected topic
     */
    public static RejectedEntry parse(byte[] json) {
        Fields fields = new Fields();
        try (JsonParser parser = RejectedEvents.JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("Not a record of the rejected topic");
            }
            fields.read(parser);
        } catch (IOException e) {
            throw new IllegalArgumentException("Not a record of the rejected topic", e);
        }
        return fields.entry();
    }

    /** What was read so far. */
    private static final class Fields {

        private @Nullable RejectReason reason;
        private @Nullable String tenantBk;
        private byte @Nullable [] original;
        private @Nullable String topic;
        private int partition;
        private long offset;
        private @Nullable Instant appendedAt;

        void read(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "reason" -> reason = RejectReason.valueOf(parser.getText());
                    case "tenant" -> tenantBk = parser.getText();
                    case RejectedEvents.ORIGINAL -> original = parser.getBinaryValue();
                    case RejectedEvents.SOURCE -> readSource(parser);
                    default -> {
                        if (value.isStructStart()) {
                            parser.skipChildren();
                        }
                    }
                }
            }
        }

        private void readSource(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "topic" -> topic = parser.getText();
                    case "partition" -> partition = parser.getIntValue();
                    case "offset" -> offset = parser.getLongValue();
                    case "appended_at" -> appendedAt = Instant.parse(parser.getText());
                    default -> parser.skipChildren();
                }
            }
        }

        RejectedEntry entry() {
            if (topic == null || appendedAt == null) {
                throw new IllegalArgumentException("Record of the rejected topic has no source");
            }
            return new RejectedEntry(
                    reason, tenantBk, original, topic, partition, offset, appendedAt);
        }
    }
}
