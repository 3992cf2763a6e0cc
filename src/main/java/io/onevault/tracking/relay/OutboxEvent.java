package io.onevault.tracking.relay;

import org.jspecify.annotations.Nullable;

/**
 * One row of the outbox.
 *
 * @param key key of the record; events of one key stay in order
 * @param payload value of the record
 */
record OutboxEvent(long id, byte @Nullable [] key, byte[] payload) {}
