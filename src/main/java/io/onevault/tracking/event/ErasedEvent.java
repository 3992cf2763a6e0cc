package io.onevault.tracking.event;

/**
 * The key of an event that was erased, of which state must not tell any more.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 */
public record ErasedEvent(String tenantHk, String eventBk) {}
