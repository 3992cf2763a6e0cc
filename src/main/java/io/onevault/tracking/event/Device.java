package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * What a user agent says of itself.
 *
 * @param type desktop, mobile, tablet, tv, console, car, wearable, bot or other
 * @param browserVersion major version
 * @param osVersion major version
 * @param clientType browser, app, server or robot; unknown without an agent
 * @param robotKind what the robot is for, such as {@code search}; null when it is none
 */
public record Device(
        String type,
        @Nullable String browser,
        @Nullable String browserVersion,
        @Nullable String os,
        @Nullable String osVersion,
        boolean bot,
        String clientType,
        @Nullable String robotKind) {

    private static final String NO_AGENT = "unknown";

    public static final Device UNKNOWN =
            new Device("other", null, null, null, null, false, NO_AGENT, null);

    /** State of older versions knows no client type. */
    @SuppressWarnings("ConstantValue")
    public Device {
        clientType = clientType == null ? NO_AGENT : clientType;
    }
}
