package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * Where a visitor came from.
 *
 * @param url referring URL without query and fragment
 * @param internal whether the referring host is the page's own
 */
public record Referrer(@Nullable String url, @Nullable String host, boolean internal) {

    public static final Referrer NONE = new Referrer(null, null, false);
}
