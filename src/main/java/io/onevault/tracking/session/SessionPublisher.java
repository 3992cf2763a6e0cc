package io.onevault.tracking.session;

import static io.onevault.tracking.session.SessionOrder.later;

import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares the sessions of a key with what was published of them before and tells what has to be
 * written: changed sessions, new event links, and sessions that late events made disappear.
 */
public final class SessionPublisher {

    /**
     * What is to be written, and how what is published changes by it.
     *
     * @param changed new entries, by session business key
     * @param gone business keys of sessions that no longer exist
     */
    public record Publication(
            List<SessionUpdate> updates, Map<String, PublishedSession> changed, Set<String> gone) {}

    private static final long[] NONE = new long[0];

    private final Map<String, PublishedSession> before;
    private final long watermark;
    private final boolean again;
    private final Instant latest;
    private final Instant afterPublished;
    private final List<SessionUpdate> updates = new ArrayList<>();
    private final Map<String, PublishedSession> changed = new TreeMap<>();
    private final Set<String> gone = new TreeSet<>();

    private SessionPublisher(
            List<Session> sessions,
            Map<String, PublishedSession> before,
            long watermark,
            boolean again) {
        this.before = before;
        this.watermark = watermark;
        this.again = again;
        Instant latestLoadDate = Instant.MIN;
        for (Session session : sessions) {
            latestLoadDate = later(latestLoadDate, session.loadDate());
        }
        this.latest = latestLoadDate;
        Instant published = Instant.EPOCH;
        for (Map.Entry<String, PublishedSession> session : before.entrySet()) {
            if (!session.getKey().equals(SessionKeys.NO_SESSION)) {
                published = later(published, session.getValue().loadDate());
            }
        }
        this.afterPublished = published.plus(1, ChronoUnit.MICROS);
    }

    /**
     * @param before what was published of the same key, by session business key
     * @param watermark epoch milliseconds
     * @param settled how many of the sessions, from the first, are closed whatever the watermark is
     */
    public static Publication publish(
            Sessions outcome, Map<String, PublishedSession> before, long watermark, int settled) {
        return publish(outcome, before, watermark, settled, false);
    }

    /**
     * @param again whether sessions are told that have not changed, too, because something else may
     *     have been published of them that {@code before} does not know
     */
    public static Publication publish(
            Sessions outcome,
            Map<String, PublishedSession> before,
            long watermark,
            int settled,
            boolean again) {
        List<Session> sessions = outcome.sessions();
        SessionPublisher publisher = new SessionPublisher(sessions, before, watermark, again);
        for (int i = 0; i < sessions.size(); i++) {
            publisher.publish(sessions.get(i), i < settled);
        }
        publisher.supersedeOthers(sessions);
        publisher.reserve(outcome.unassigned());
        return new Publication(publisher.updates, publisher.changed, publisher.gone);
    }

    /** Whether an event is in what was published of a session. */
    public static boolean isLinked(SessionEvent event, PublishedSession published) {
        return Arrays.binarySearch(published.linkedEvents(), fingerprint(event)) >= 0;
    }

    private void publish(Session session, boolean settled) {
        PublishedSession published = before.get(session.bk());
        long[] events = fingerprints(session.events());
        boolean sameEvents = published != null && Arrays.equals(published.linkedEvents(), events);
        // After a restart the watermark may begin anew, but no session is opened again by that.
        boolean closed =
                settled
                        || sameEvents && published.closed()
                        || watermark >= Settlement.closingMillis(session.last());
        boolean rearranged = isRearranged(session, published, events);
        int counting = counting(session.events());
        boolean corrected = sameEvents && counting < published.counting();
        boolean unchanged = sameEvents && published.closed() == closed && !rearranged && !corrected;
        if (unchanged && !again) {
            return;
        }
        Instant loadDate = loadDate(session, published, rearranged);
        if (corrected && !loadDate.isAfter(published.loadDate())) {
            loadDate = published.loadDate().plus(1, ChronoUnit.MICROS);
        }
        SessionEvent first = session.first();
        changed.put(
                session.bk(),
                new PublishedSession(
                        first.visitorBk(),
                        session.start(),
                        session.end(),
                        loadDate,
                        closed,
                        events,
                        counting,
                        session.predecessorBk()));
        updates.add(
                SessionUpdate.change(
                                first.tenantHk(),
                                session.bk(),
                                published == null,
                                SessionVersion.of(session, loadDate, closed),
                                newLinks(session, published))
                        .along(closed ? path(session.events()) : null));
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
        for (Map.Entry<String, PublishedSession> other : before.entrySet()) {
            boolean isOther =
                    other.getValue() != published && !other.getKey().equals(SessionKeys.NO_SESSION);
            if (isOther && containsAny(events, other.getValue().linkedEvents())) {
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

    private void supersedeOthers(List<Session> sessions) {
        Set<String> existing = new HashSet<>();
        sessions.forEach(session -> existing.add(session.bk()));
        before.forEach(
                (bk, published) -> {
                    if (!existing.contains(bk) && !bk.equals(SessionKeys.NO_SESSION)) {
                        supersede(bk, published, sessions);
                    }
                });
    }

    private void supersede(String bk, PublishedSession published, List<Session> sessions) {
        gone.add(bk);
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

    private static boolean overlaps(Session session, PublishedSession published) {
        return !session.start().isAfter(published.end())
                && !session.end().isBefore(published.start());
    }

    /** Events that make no session are linked to the tenant's reserved one. */
    private void reserve(List<SessionEvent> unassigned) {
        if (unassigned.isEmpty()) {
            return;
        }
        PublishedSession reserved = before.get(SessionKeys.NO_SESSION);
        long[] known = reserved == null ? NONE : reserved.linkedEvents();
        long[] events = fingerprints(unassigned);
        if (Arrays.equals(known, events)) {
            return;
        }
        for (SessionEvent event : unassigned) {
            if (Arrays.binarySearch(known, fingerprint(event)) < 0) {
                updates.add(SessionUpdate.reserved(SessionKeys.NO_SESSION, event));
            }
        }
        SessionEvent first = unassigned.get(0);
        changed.put(
                SessionKeys.NO_SESSION,
                new PublishedSession(
                        first.visitorBk(),
                        first.occurredAt(),
                        first.occurredAt(),
                        first.loadDate(),
                        false,
                        events,
                        0,
                        null));
    }

    private static @Nullable List<PathEvent> path(List<SessionEvent> events) {
        List<PathEvent> path = new ArrayList<>(events.size());
        for (SessionEvent event : events) {
            List<String> itemIds = event.itemIds();
            if (itemIds == null) {
                return null;
            }
            path.add(new PathEvent(event.occurredAt(), event.type(), event.pageUrl(), itemIds));
        }
        return path;
    }

    private static List<LinkedEvent> newLinks(
            Session session, @Nullable PublishedSession published) {
        long[] known = published == null ? NONE : published.linkedEvents();
        List<LinkedEvent> links = new ArrayList<>();
        for (SessionEvent event : session.events()) {
            if (Arrays.binarySearch(known, fingerprint(event)) < 0) {
                links.add(SessionUpdate.link(event));
            }
        }
        return links;
    }

    /** How often events of a session count for a transaction or as a conversion without one. */
    private static int counting(List<SessionEvent> events) {
        int counting = 0;
        for (SessionEvent event : events) {
            counting += (event.conversion() ? 1 : 0) + (event.pays() ? 1 : 0);
        }
        return counting;
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
