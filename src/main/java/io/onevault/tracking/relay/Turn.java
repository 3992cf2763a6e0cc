package io.onevault.tracking.relay;

/**
 * A tenant's place in a batch.
 *
 * @param tenant hash key of the tenant
 * @param lastId the last of its events that the batch has
 * @param events how many the batch has
 */
record Turn(byte[] tenant, long lastId, int events) {

    static Turn first(byte[] tenant) {
        return new Turn(tenant, Long.MIN_VALUE, 0);
    }

    Turn with(OutboxEvent event) {
        return new Turn(tenant, event.id(), events + 1);
    }
}
