package io.onevault.tracking.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * By what an event is kept as it is.
 *
 * @param policyFrom from when the tenant's settings that decided it hold; null: the default ones
 */
public record Handling(Keeping keeping, @Nullable Instant policyFrom) {}
