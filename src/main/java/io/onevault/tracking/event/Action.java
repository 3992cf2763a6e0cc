package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/** The optional category, action, label and value by which a site classifies an event. */
public record Action(
        @Nullable String category,
        @Nullable String action,
        @Nullable String label,
        @Nullable String value) {

    public static final Action NONE = new Action(null, null, null, null);
}
