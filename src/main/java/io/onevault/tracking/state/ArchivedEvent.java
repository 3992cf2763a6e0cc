package io.onevault.tracking.state;

import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.Suspicion;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A raw event as it lies in checkpointed state: together with its key, which holds the tenant's
 * hash key and the event's business key, all that is needed to build everything downstream again.
 * Free of personal data.
 *
 * @param payload canonical JSON text of the redacted event, without transport members
 * @param clientNetwork the client's address cut to its network
 * @param handling null in state of older versions
 * @param place where the address was, before it was cut; null as well
 * @param firstAppendedAt of a recovered event, when it was appended for the first time; null of
 *     others, and in state of older versions
 */
public record ArchivedEvent(
        String tenantBk,
        String visitorBk,
        Instant occurredAt,
        String payload,
        @Nullable Instant receivedAt,
        @Nullable String userAgent,
        @Nullable String clientNetwork,
        @Nullable String collector,
        List<Suspicion> suspicions,
        boolean late,
        String topic,
        int partition,
        long offset,
        Instant appendedAt,
        @Nullable Handling handling,
        @Nullable Place place,
        @Nullable Instant firstAppendedAt) {}
