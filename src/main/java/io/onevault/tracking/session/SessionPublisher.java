package io.onevault.tracking.session;

import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    private final Instant latest;
    private final Instant afterPublished;
    private final List<SessionUpdate> updates = new ArrayList<>();
    private final Map<String, PublishedSession> after = new TreeMap<>();

    private SessionPublisher(
            List<Session> sessions, Map<String, PublishedSession> before, long watermark) {
        this.before = before;
        this.watermark = watermark;
        Instant latestLoadDate = Instant.MIN;
        for (Session session : sessions) {
            latestLoadDate = later(latestLoadDate, session.loadDate());
        }
        this.latest = latestLoadDate;
        Instant published = Instant.EPOCH;
        for (PublishedSession session : before.values()) {
            published = later(published, session.loadDate());
        }
        this.afterPublished = published.plus(1, ChronoUnit.MICROS);
    }

    /**
     * @param before what was published of the same key and span, by session business key
     * @param watermark epoch milliseconds
     */
    public static Publication publish(
            List<Session> sessions, Map<String, PublishedSession> before, long watermark) {
        SessionPublisher publisher = new SessionPublisher(sessions, before, watermark);
        sessions.forEach(publisher::publish);
        before.forEach((bk, published) -> publisher.supersede(bk, published, sessions));
        return new Publication(publisher.updates, publisher.after);
    }

    private void publish(Session session) {
        PublishedSession published = before.get(session.bk());
        long[] events = fingerprints(session.events());
        boolean sameEvents = published != null && Arrays.equals(published.linkedEvents(), events);
        // After a restart the watermark begins anew, but no session is opened again by that.
        boolean closed = sameEvents && published.closed() || isClosed(session);
        boolean rearranged = isRearranged(session, published, events);
        boolean unchanged = sameEvents && published.closed() == closed && !rearranged;
        Instant loadDate = loadDate(session, published, rearranged);
        SessionEvent first = session.first();
        after.put(
                session.bk(),
                new PublishedSession(
                        first.visitorBk(),
                        session.start(),
                        session.end(),
                        loadDate,
                        closed,
                        events,
                        session.predecessorBk()));
        if (unchanged) {
            return;
        }
        updates.add(
                SessionUpdate.change(
                        first.tenantHk(),
                        session.bk(),
                        published == null,
                        SessionVersion.of(session, loadDate, closed),
                        newLinks(session, published)));
    }

    /**
     * The greatest load date of its events, and never before that of the version it replaces. A
     * session that gave events away, took them from another or got another predecessor is known as
     * such only since the event that caused it, which may lie in a neighbour. That event may have
     * overtaken others on its way, and yet its consequence must come after all that was published:
     * of versions with one load date the one with more events would stay.
     */
    private Instant loadDate(
            Session session, @Nullable PublishedSession published, boolean rearranged) {
        Instant loadDate = session.loadDate();
        if (published != null) {
            loadDate = later(loadDate, published.loadDate());
        }
        return rearranged ? later(later(loadDate, latest), afterPublished) : loadDate;
    }

    private boolean isRearranged(
            Session session, @Nullable PublishedSession published, long[] events) {
        if (published != null
                && !(containsAll(events, published.linkedEvents())
                        && Objects.equals(published.predecessorBk(), session.predecessorBk()))) {
            return true;
        }
        for (PublishedSession other : before.values()) {
            if (other != published && containsAny(events, other.linkedEvents())) {
                return true;
            }
        }
        return false;
    }

    private static boolean containsAll(long[] sorted, long[] wanted) {
        for (long one : wanted) {
            if (Arrays.binarySearch(sorted, one) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean containsAny(long[] sorted, long[] wanted) {
        for (long one : wanted) {
            if (Arrays.binarySearch(sorted, one) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static Instant later(Instant a, Instant b) {
        return b.isAfter(a) ? b : a;
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
                loadDate = later(loadDate, session.loadDate());
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
