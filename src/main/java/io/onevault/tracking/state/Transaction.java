package io.onevault.tracking.state;

import org.jspecify.annotations.Nullable;

/**
 * The events that count for a transaction of a tenant.
 *
 * @param conversion the earliest that tells of it
 * @param revenue the earliest of them that tells money
 */
public record Transaction(SessionEvent conversion, @Nullable SessionEvent revenue) {}
