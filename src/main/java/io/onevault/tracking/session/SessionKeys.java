package io.onevault.tracking.session;

import java.time.Instant;

/** Business keys of sessions and the key of the session operators. */
public final class SessionKeys {

    /** Reserved session of a tenant's events that make no session. */
    public static final String NO_SESSION = "sess_none";

    /** Reserved session of a tenant's events that came too late for theirs. */
    public static final String LATE = "sess_late";

    private SessionKeys() {}

    /**
     * @param sessionId the client's session id, else the visitor
     */
    public static String sessionBk(String sessionId, Instant start) {
        return "sess_" + sessionId + "." + start.toEpochMilli();
    }

    /** Key of everything that concerns one client session or visitor of a tenant. */
    public static String operatorKey(String tenantBk, String sessionId) {
        return tenantBk + '|' + sessionId;
    }
}
