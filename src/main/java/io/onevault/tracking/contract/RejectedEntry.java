package io.onevault.tracking.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactories.strict());

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
        try {
            return of(JSON.readTree(json));
        } catch (IOException e) {
            throw new IllegalArgumentException("Not a record of the rejected topic", e);
        }
    }

    private static RejectedEntry of(JsonNode entry) throws IOException {
        JsonNode source = entry.path(RejectedEvents.SOURCE);
        String reason = entry.path("reason").textValue();
        JsonNode original = entry.path(RejectedEvents.ORIGINAL);
        if (!source.path("topic").isTextual()
                || !source.path("appended_at").isTextual()
                || !original.isMissingNode() && !original.isTextual()) {
            throw new IllegalArgumentException("Not a record of the rejected topic");
        }
        return new RejectedEntry(
                reason == null ? null : RejectReason.valueOf(reason),
                entry.path("tenant").textValue(),
                original.binaryValue(),
                source.path("topic").textValue(),
                source.path("partition").intValue(),
                source.path("offset").longValue(),
                Instant.parse(source.path("appended_at").textValue()));
    }
}
