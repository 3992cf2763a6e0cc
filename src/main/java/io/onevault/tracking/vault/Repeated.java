package io.onevault.tracking.vault;

import io.onevault.tracking.event.EnrichedEvent;

/**
 * An event that was in the database before.
 *
 * @param event as it is there
 * @param forgotten whether the state of the steps behind was lost since, so that they need it again
 */
public record Repeated(EnrichedEvent event, boolean forgotten) {}
