package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Referrers;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.session.SessionKeys;
import org.jspecify.annotations.Nullable;

/** Tells how events take part in sessions, by their tenants' settings. */
final class Roles {

    private Roles() {}

    /**
     * @param late whether it was received too late for a session
     * @param ownLatenessMillis its tenant's, where the watermark judges the event by it
     */
    static SessionRole of(
            TrackerEvent event, Tenant tenant, boolean late, @Nullable Long ownLatenessMillis) {
        return new SessionRole(
                SessionRole.carried(tenant.rules()),
                isConversion(event, tenant),
                isPerVisitor(event.identity()),
                late,
                ownLatenessMillis,
                !event.identity().equals(Identity.NONE),
                Referrers.isOwn(event.page().referrer(), event.page().url(), tenant.hosts()),
                false);
    }

    /**
     * Of one that is to be forgotten: what finds its session, and its transaction if it had one.
     */
    static SessionRole ofForgotten(TrackerEvent event) {
        return new SessionRole(
                null,
                true,
                isPerVisitor(event.identity()),
                false,
                null,
                !event.identity().equals(Identity.NONE),
                false,
                false);
    }

    private static boolean isPerVisitor(Identity identity) {
        String sessionId = identity.sessionId();
        return sessionId != null
                && (identity.visitorId() != null || identity.userId() != null)
                && (Pseudonyms.isCommon(sessionId) || SessionKeys.isNumber(sessionId));
    }

    private static boolean isConversion(TrackerEvent event, Tenant tenant) {
        return !event.isRefund() && (event.isTrade() || tenant.goals().contains(event.type()));
    }
}
