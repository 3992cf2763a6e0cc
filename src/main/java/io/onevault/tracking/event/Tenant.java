package io.onevault.tracking.event;

import java.util.List;

/**
 * A registered tenant and its settings for site tracking. Stays inside admission: the secret never
 * travels with an event nor reaches state.
 *
 * @param hk lower-case hex of {@code auth.tenant_h.tenant_hk}
 * @param visitorSecret secret of the visitor pseudonym, lower-case hex; never logged
 * @param sessionGapMillis longest silence within a session
 * @param goals event types that count as conversions besides purchases
 */
public record Tenant(
        String bk, String hk, String visitorSecret, long sessionGapMillis, List<String> goals) {

    public static final long DEFAULT_SESSION_GAP_MILLIS = 1_800_000;

    @Override
    public String toString() {
        return "Tenant[" + bk + "]";
    }
}
