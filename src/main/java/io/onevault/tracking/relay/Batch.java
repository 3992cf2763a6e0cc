package io.onevault.tracking.relay;

import java.util.List;

/**
 * What is sent and deleted together.
 *
 * @param events those of a tenant in order
 * @param isCut whether more may be waiting that had no room
 */
record Batch(List<OutboxEvent> events, boolean isCut) {}
