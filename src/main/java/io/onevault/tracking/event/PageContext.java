package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/** The page on which an event occurred, as the client sent it. */
public record PageContext(
        @Nullable String pageViewId,
        @Nullable String url,
        @Nullable String title,
        @Nullable String referrer) {

    public static final PageContext NONE = new PageContext(null, null, null, null);
}
