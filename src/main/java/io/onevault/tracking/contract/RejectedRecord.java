package io.onevault.tracking.contract;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of a record that breaks the contract.
 *
 * @param payload JSON text that PostgreSQL can store, redacted
 */
record RejectedRecord(
        @Nullable String tenantBk, @Nullable Instant occurredAt, @Nullable String payload) {

    static final RejectedRecord UNREADABLE = new RejectedRecord(null, null, null);
}
