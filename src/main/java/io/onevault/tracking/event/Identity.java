package io.onevault.tracking.event;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The ids by which a client tells sessions, visitors and logged-in users apart. */
public record Identity(
        @Nullable String sessionId, @Nullable String visitorId, @Nullable String userId) {

    public static final Identity NONE = new Identity(null, null, null);

    /** Whom it names: the visitor, or else the user. */
    public @Nullable String named() {
        return visitorId != null ? visitorId : userId;
    }

    /** Adds the visitor and the user that it names. */
    public void addNamed(Collection<String> named) {
        if (visitorId != null) {
            named.add(visitorId);
        }
        if (userId != null) {
            named.add(userId);
        }
    }
}
