package io.onevault.tracking.session;

import io.onevault.tracking.session.SessionPublisher.Publication;
import io.onevault.tracking.state.PublishedSession;
import java.util.HashMap;
import java.util.Map;

/** Keeps what is published, as the operator's state does. */
public final class Publications {

    private Publications() {}

    public static Map<String, PublishedSession> after(
            Map<String, PublishedSession> before, Publication publication) {
        Map<String, PublishedSession> after = new HashMap<>(before);
        after.keySet().removeAll(publication.gone());
        after.putAll(publication.changed());
        return after;
    }
}
