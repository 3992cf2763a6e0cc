package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * What an event tells of whether its visitor may be counted.
 *
 * @param analytics whether the visitor agreed to analytics; null where nothing says so
 * @param gpc whether the browser signals Global Privacy Control
 * @param dnt whether it signals Do Not Track
 */
public record Signals(@Nullable Boolean analytics, boolean gpc, boolean dnt) {

    public static final Signals NONE = new Signals(null, false, false);
}
