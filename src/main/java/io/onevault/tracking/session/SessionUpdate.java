package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written of one session.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 * @param first whether the session is published for the first time
 * @param version null for the reserved sessions, which have no version
 * @param links events linked to the session for the first time
 * @param claim null but for an update that only makes this claim
 */
public record SessionUpdate(
        String tenantHk,
        String sessionBk,
        boolean first,
        @Nullable SessionVersion version,
        List<LinkedEvent> links,
        @Nullable SessionClaim claim) {

    /** A change of a session. */
    static SessionUpdate change(
            String tenantHk,
            String sessionBk,
            boolean first,
            SessionVersion version,
            List<LinkedEvent> links) {
        return new SessionUpdate(tenantHk, sessionBk, first, version, links, null);
    }

    /** Has sessions superseded that are written but that the claim does not name. */
    public static SessionUpdate claim(String tenantHk, SessionClaim claim) {
        return new SessionUpdate(tenantHk, "", false, null, List.of(), claim);
    }

    /** Links an event to one of its tenant's reserved sessions. */
    public static SessionUpdate reserved(String sessionBk, SessionEvent event) {
        return new SessionUpdate(
                event.tenantHk(), sessionBk, true, null, List.of(link(event)), null);
    }

    static LinkedEvent link(SessionEvent event) {
        return new LinkedEvent(
                event.eventBk(), event.occurredAt(), event.loadDate(), event.pageUrl());
    }
}
