package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * The marketing campaign that a landing URL names.
 *
 * @param clickIdType name of the URL parameter that carried the click id, such as {@code gclid}
 */
public record Campaign(
        @Nullable String source,
        @Nullable String medium,
        @Nullable String name,
        @Nullable String term,
        @Nullable String content,
        @Nullable String clickIdType,
        @Nullable String clickId) {

    public static final Campaign NONE = new Campaign(null, null, null, null, null, null, null);

    public boolean isPresent() {
        return !equals(NONE);
    }
}
