package io.onevault.tracking.job.read;

import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.TrackerEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka record as decoded: either an event, a rejected event, or a tick.
 *
 * @param signals what it tells of consent
 * @param occurredAt event time; the time of a tick
 * @param value the bytes as they came, for the case that a later step rejects the event
 */
public record DecodedRecord(
        @Nullable TrackerEvent event,
        @Nullable RejectedEvent rejected,
        Signals signals,
        Instant occurredAt,
        List<Suspicion> suspicions,
        byte[] value,
        SourcePosition position) {

    /** The tenant that it names, where it could be read. */
    public @Nullable String tenantBk() {
        if (event != null) {
            return event.tenantBk();
        }
        return rejected == null ? null : rejected.tenantBk();
    }

    /**
     * A tick carries no event: it tells that no event before its time will follow in its partition.
     * One at the epoch tells nothing but that its offset was read.
     */
    public boolean isTick() {
        return event == null && rejected == null;
    }
}
