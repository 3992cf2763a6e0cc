package io.onevault.tracking.session;

import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the sessions of a key with what was published of them before and tells what has to be
 * written: changed sessions, new event links, and sessions that late events made disappear.
 */
public final class SessionPublisher {

    /** Updates to write and what is published from then on. */
    public record Publication(
            List<SessionUpdate> updates, Map<String, PublishedSession> published) {}

    private final Map<String, PublishedSession> before;
    private final long watermark;
    private final List<SessionUpdate> updates = new ArrayList<>();
    private final Map<String, PublishedSession> after = new TreeMap<>();

    private SessionPublisher(Map<String, PublishedSession> before, long watermark) {
        this.before = before;
        this.watermark = watermark;
    }

    /**
     * @param before what was published of the same key and span, by session business key
     * @param watermark epoch milliseconds
     */
    public static Publication publish(
            List<Session> sessions, Map<String, PublishedSession> before, long watermark) {
        SessionPublisher publisher = new SessionPublisher(before, watermark);
        sessions.forEach(publisher::publish);
        before.forEach((bk, published) -> publisher.supersede(bk, published, sessions));
        return new Publication(publisher.updates, publisher.after);
    }

    private void publish(Session session) {
        PublishedSession published = before.get(session.bk());
        boolean closed = isClosed(session);
        long[] events = fingerprints(session.events());
        boolean unchanged =
                published != null
                        && published.closed() == closed
                        && Arrays.equals(published.linkedEvents(), events);
        SessionEvent first = session.first();
        after.put(
                session.bk(),
                new PublishedSession(
                        first.visitorBk(),
                        session.start(),
                        session.end(),
                        session.loadDate(),
                        closed,
                        events));
        if (unchanged) {
            return;
        }
        updates.add(
                SessionUpdate.change(
                        first.tenantHk(),
                        session.bk(),
                        published == null,
                        SessionVersion.of(session, closed),
                        newLinks(session, published)));
    }

    private void supersede(String bk, PublishedSession published, List<Session> sessions) {
        if (after.containsKey(bk)) {
            return;
        }
        List<String> successors = new ArrayList<>();
        Instant loadDate = published.loadDate();
        for (Session session : sessions) {
            if (overlaps(session, published)) {
                successors.add(session.bk());
                loadDate = session.loadDate().isAfter(loadDate) ? session.loadDate() : loadDate;
            }
        }
        updates.add(
                SessionUpdate.change(
                        sessions.get(0).first().tenantHk(),
                        bk,
                        false,
                        SessionVersion.superseded(
                                published.start(),
                                published.end(),
                                published.visitorBk(),
                                loadDate,
                                successors),
                        List.of()));
    }

    /**
     * As Flink's window does, a session closes in the last millisecond of the gap after its end.
     */
    private boolean isClosed(Session session) {
        List<SessionEvent> events = session.events();
        long gap = events.get(events.size() - 1).gapMillis();
        return watermark >= session.end().toEpochMilli() + gap - 1;
    }

    private static boolean overlaps(Session session, PublishedSession published) {
        return !session.start().isAfter(published.end())
                && !session.end().isBefore(published.start());
    }

    private static List<LinkedEvent> newLinks(Session session, PublishedSession published) {
        long[] known = published == null ? new long[0] : published.linkedEvents();
        List<LinkedEvent> links = new ArrayList<>();
        for (SessionEvent event : session.events()) {
            if (Arrays.binarySearch(known, fingerprint(event)) < 0) {
                links.add(SessionUpdate.link(event));
            }
        }
        return links;
    }

    private static long[] fingerprints(List<SessionEvent> events) {
        long[] fingerprints = new long[events.size()];
        for (int i = 0; i < fingerprints.length; i++) {
            fingerprints[i] = fingerprint(events.get(i));
        }
        Arrays.sort(fingerprints);
        return fingerprints;
    }

    /**
     * 64-bit FNV-1a of the event's key. Within one session's at most some thousand events an
     * accidental clash has a chance below one in 10^11.
     */
    private static long fingerprint(SessionEvent event) {
        long hash = 0xcbf29ce484222325L;
        String key = event.eventBk();
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
