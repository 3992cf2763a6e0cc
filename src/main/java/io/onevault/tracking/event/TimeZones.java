package io.onevault.tracking.event;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Time zones of tenants, by the rule of {@code business.site_time_zone}. */
public final class TimeZones {

    /** Java's own zones of this kind are unknown to everybody else. */
    private static final String JAVA_ONLY = "SystemV/";

    private static final Map<String, ZoneId> BY_NAME = byName();

    private TimeZones() {}

    /** The zone with an IANA name that has a slash, in any case of letters; of all else UTC. */
    public static ZoneId of(@Nullable String setting) {
        return setting == null
                ? ZoneOffset.UTC
                : BY_NAME.getOrDefault(setting.toLowerCase(Locale.ROOT), ZoneOffset.UTC);
    }

    private static Map<String, ZoneId> byName() {
        Map<String, ZoneId> zones = new HashMap<>();
        for (String name : ZoneId.getAvailableZoneIds()) {
            if (name.indexOf('/') >= 0 && !name.startsWith(JAVA_ONLY)) {
                zones.put(name.toLowerCase(Locale.ROOT), ZoneId.of(name));
            }
        }
        return Map.copyOf(zones);
    }
}
