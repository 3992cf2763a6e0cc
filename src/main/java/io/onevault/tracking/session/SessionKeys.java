package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;

/** Business keys of sessions and the key of the session operators. */
public final class SessionKeys {

    /** Reserved session of a tenant's events that make no session. */
    public static final String NO_SESSION = "sess_none";

    /** Reserved session of a tenant's events that came too late for theirs. */
    public static final String LATE = "sess_late";

    private SessionKeys() {}

    static String sessionBk(SessionEvent first) {
        return beginning(first) + "." + first.occurredAt().toEpochMilli();
    }

    /** What the business keys of all sessions of the event's key have in common. */
    static String beginning(SessionEvent event) {
        return (event.robot() ? "robot_" : "sess_") + event.sessionId();
    }

    /**
     * Whether a client's session id is a number, as the time of its beginning or a counter: alike
     * for many visitors.
     */
    public static boolean isNumber(String sessionId) {
        int point = -1;
        for (int i = 0; i < sessionId.length(); i++) {
            char c = sessionId.charAt(i);
            if (c == '.' && point < 0 && i > 0) {
                point = i;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return !sessionId.isEmpty();
    }

    /** Key of a tenant's events that share an id, those of robots and of people apart. */
    public static String operatorKey(SessionEvent event, String id) {
        return event.tenantHk() + (event.robot() ? '!' : '|') + id;
    }
}
