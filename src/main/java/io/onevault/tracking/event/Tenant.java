package io.onevault.tracking.event;

import java.util.List;

/**
 * A registered tenant and its settings for site tracking.
 *
 * @param hk lower-case hex of {@code auth.tenant_h.tenant_hk}
 * @param visitorSecret secret of the visitor pseudonym, lower-case hex; never logged
 * @param sessionGapMillis longest silence within a session
 * @param timeZone IANA name
 * @param goals event types that count as conversions besides purchases
 */
public record Tenant(
        String bk,
        String hk,
        String visitorSecret,
        long sessionGapMillis,
        String timeZone,
        List<String> goals) {

    public static final long DEFAULT_SESSION_GAP_MILLIS = 1_800_000;
    public static final String DEFAULT_TIME_ZONE = "UTC";

    @Override
    public String toString() {
        return "Tenant[" + bk + "]";
    }
}
