package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * The browser or program that sent the event.
 *
 * @param clientIp the address the collector saw; after admission only its network prefix
 * @param viewportWidth CSS pixels
 * @param viewportHeight CSS pixels
 * @param consent to analytics: {@code granted}, {@code denied}, or as the site words it
 * @param gpc whether the browser signals Global Privacy Control; true or null
 * @param dnt whether it signals Do Not Track; true or null
 * @param collector name of the collector that received the event
 * @param place where the address is; null before admission
 */
public record ClientContext(
        @Nullable String userAgent,
        @Nullable String clientIp,
        @Nullable String language,
        @Nullable String timezone,
        @Nullable String screenResolution,
        @Nullable Integer viewportWidth,
        @Nullable Integer viewportHeight,
        @Nullable String consent,
        @Nullable Boolean gpc,
        @Nullable Boolean dnt,
        @Nullable String collector,
        @Nullable Place place) {

    public static final ClientContext NONE =
            new ClientContext(
                    null, null, null, null, null, null, null, null, null, null, null, null);
}
