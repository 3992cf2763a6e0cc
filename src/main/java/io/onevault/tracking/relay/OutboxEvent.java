package io.onevault.tracking.relay;

import org.jspecify.annotations.Nullable;

/**
 * One row of the outbox.
 *
 * @param tenant hash key of the tenant
 * @param id the order of the events of a tenant
 * @param key key of the record; events of one key are of one tenant and stay in order
 * @param payload value of the record
 */
record OutboxEvent(byte[] tenant, long id, byte @Nullable [] key, byte[] payload) {}
