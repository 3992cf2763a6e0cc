package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written of one session.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 * @param first whether the session is published for the first time
 * @param version null for the reserved sessions, which have no version
 * @param links events linked to the session for the first time
 * @param linksOnly whether the version itself is not to be written
 * @param path of a closed version what happened in it, in order; null where it is not closed, or
 *     where the state of before does not tell
 * @param span which sessions exist around it, where events may be replayed; it travels with the
 *     update, so that both are written in one micro-batch. Null elsewhere
 */
public record SessionUpdate(
        String tenantHk,
        String sessionBk,
        boolean first,
        @Nullable SessionVersion version,
        List<LinkedEvent> links,
        boolean linksOnly,
        @Nullable List<PathEvent> path,
        @Nullable SessionSpan span) {

    /** A change of a session. */
    static SessionUpdate change(
            String tenantHk,
            String sessionBk,
            boolean first,
            SessionVersion version,
            List<LinkedEvent> links) {
        return new SessionUpdate(tenantHk, sessionBk, first, version, links, false, null, null);
    }

    /** The same, which tells what happened in it. */
    SessionUpdate along(@Nullable List<PathEvent> events) {
        return new SessionUpdate(
                tenantHk, sessionBk, first, version, links, linksOnly, events, span);
    }

    /** The same, which has sessions superseded that are written but that the span does not name. */
    public SessionUpdate within(@Nullable SessionSpan existing) {
        return new SessionUpdate(
                tenantHk, sessionBk, first, version, links, linksOnly, path, existing);
    }

    /** Links an event to one of its tenant's reserved sessions. */
    public static SessionUpdate reserved(String sessionBk, SessionEvent event) {
        return reserved(sessionBk, event.tenantHk(), link(event));
    }

    /** The same of an event that is known by its link. */
    public static SessionUpdate reserved(String sessionBk, String tenantHk, LinkedEvent event) {
        return new SessionUpdate(
                tenantHk, sessionBk, true, null, List.of(event), false, null, null);
    }

    /** The hub and the links of it, without its version: what later versions do not repeat. */
    public SessionUpdate withLinksOnly() {
        return new SessionUpdate(tenantHk, sessionBk, first, version, links, true, null, span);
    }

    static List<LinkedEvent> links(List<SessionEvent> events) {
        List<LinkedEvent> links = new ArrayList<>();
        for (SessionEvent event : events) {
            links.add(link(event));
        }
        return links;
    }

    static LinkedEvent link(SessionEvent event) {
        return new LinkedEvent(
                event.eventBk(), event.occurredAt(), event.loadDate(), event.pageUrl());
    }
}
