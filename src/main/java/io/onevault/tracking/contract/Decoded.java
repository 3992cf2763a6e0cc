package io.onevault.tracking.contract;

import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.TrackerEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of decoding one record: an event that keeps the contract, or why it does not. */
public sealed interface Decoded {

    /**
     * An event that keeps the contract.
     *
     * @param suspicions what was mended or looks odd, each once, in declared order
     */
    record Valid(TrackerEvent event, List<Suspicion> suspicions) implements Decoded {}

    /**
     * A record that breaks the contract.
     *
     * @param field canonical name of the offending member, when one is to blame
     * @param expected what the contract asks for
     * @param tenantBk the one tenant that the record names, when it could be read
     * @param named whom it names by ids of a visitor and a user, as the client sends them
     * @param occurredAt event time by the clocks in the record, when they could be read
     * @param payload the record as JSON text that PostgreSQL can store as jsonb, redacted and at
     *     most {@code Limits.RECORD_BYTES} long; null when it is not JSON or longer
     * @param signals what it tells of consent, as far as it is JSON
     */
    record Rejected(
            RejectReason reason,
            @Nullable String field,
            @Nullable String expected,
            @Nullable String tenantBk,
            Identity named,
            @Nullable Instant occurredAt,
            @Nullable String payload,
            Signals signals)
            implements Decoded {}
}
