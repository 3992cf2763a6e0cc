package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * Where an address is, as far as a database of places tells.
 *
 * @param country ISO 3166-1, two letters
 * @param region ISO 3166-2, such as {@code DE-BE}; null where the database knows countries only
 */
public record Place(String country, @Nullable String region) {}
