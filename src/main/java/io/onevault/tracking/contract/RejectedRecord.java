package io.onevault.tracking.contract;

import io.onevault.tracking.event.Signals;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of a record that breaks the contract.
 *
 * @param payload JSON text that PostgreSQL can store, redacted
 * @param signals what it tells of consent, as far as it is JSON
 */
record RejectedRecord(
        @Nullable String tenantBk,
        @Nullable Instant occurredAt,
        @Nullable String payload,
        Signals signals) {

    static final RejectedRecord UNREADABLE = new RejectedRecord(null, null, null, Signals.NONE);
}
