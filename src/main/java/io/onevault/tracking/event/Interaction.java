package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * What the visitor did on the page.
 *
 * @param scrollDepth percent of the page, 0 to 100
 * @param timeOnPage milliseconds
 * @param clickX pixels from the left of the page
 * @param clickY pixels from the top of the page
 * @param interactive whether a person did it, where the client says so
 */
public record Interaction(
        @Nullable String elementId,
        @Nullable String elementClass,
        @Nullable String elementText,
        @Nullable Double scrollDepth,
        @Nullable Long timeOnPage,
        @Nullable Integer clickX,
        @Nullable Integer clickY,
        @Nullable Boolean interactive) {

    public static final Interaction NONE =
            new Interaction(null, null, null, null, null, null, null, null);
}
