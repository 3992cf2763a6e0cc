package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * What a user agent says of itself.
 *
 * @param type desktop, mobile, tablet, tv, console, wearable, bot or other
 * @param browserVersion major version
 * @param osVersion major version
 */
public record Device(
        String type,
        @Nullable String browser,
        @Nullable String browserVersion,
        @Nullable String os,
        @Nullable String osVersion,
        boolean bot) {

    public static final Device UNKNOWN = new Device("other", null, null, null, null, false);
}
