package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * A page by its normalised URL, which is its business key.
 *
 * @param url scheme and host in lower case, path case kept, query without tracking parameters, no
 *     fragment; a path alone when the client sent no host
 */
public record Page(String url, @Nullable String host, String path, @Nullable String query) {

    /** Stands for the pages beyond the tenant's cap. */
    public static final Page OTHER = new Page(ValueKind.OTHER, null, ValueKind.OTHER, null);
}
