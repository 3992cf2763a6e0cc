package io.onevault.tracking.job.session;

import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of session updates in the vault, by its rules alone: of two versions with one load
 * date the one that knows more is kept, and a span supersedes what it does not name. That an open
 * version is written over by the next one changes nothing that is looked at here.
 */
final class SessionVault {

    private final Map<String, TreeMap<Instant, SessionVersion>> sessions = new HashMap<>();
    private final Map<String, LinkedEvent> events = new HashMap<>();
    private final Map<String, Set<String>> links = new HashMap<>();

    /** Writes a micro-batch. */
    void write(List<SessionUpdate> updates) {
        Map<String, SessionVersion> known = new HashMap<>();
        Map<String, SessionVersion> stale = new HashMap<>();
        for (SessionUpdate update : updates) {
            if (update.span() != null) {
                judge(update.span(), known, stale);
            }
        }
        // One row of a load date in a statement: the last one made.
        Map<String, Map<Instant, SessionVersion>> rows = new HashMap<>();
        stale.forEach((bk, version) -> put(rows, bk, version.loadDate(), version));
        for (SessionUpdate update : updates) {
            link(update);
            SessionVersion version = update.version();
            if (version != null) {
                String bk = update.sessionBk();
                Instant loadDate = loadDate(version, known.get(bk));
                known.computeIfPresent(bk, (key, last) -> later(last, at(loadDate, version)));
                put(rows, bk, loadDate, version);
            }
        }
        rows.forEach((bk, versions) -> versions.forEach((at, one) -> upsert(bk, at, one)));
    }

    private static void put(
            Map<String, Map<Instant, SessionVersion>> rows,
            String bk,
            Instant loadDate,
            SessionVersion version) {
        rows.computeIfAbsent(bk, key -> new HashMap<>()).put(loadDate, at(loadDate, version));
    }

    private void upsert(String bk, Instant loadDate, SessionVersion version) {
        sessions.computeIfAbsent(bk, key -> new TreeMap<>())
                .merge(loadDate, version, (known, one) -> rank(one) > rank(known) ? one : known);
    }

    private static int rank(SessionVersion version) {
        return switch (version.status()) {
            case SUPERSEDED -> Integer.MAX_VALUE;
            case CLOSED -> 2 * version.counts().events() + 1;
            case OPEN -> 2 * version.counts().events();
        };
    }

    private void judge(
            SessionSpan span,
            Map<String, SessionVersion> known,
            Map<String, SessionVersion> stale) {
        Set<String> existing = new HashSet<>();
        span.sessions().forEach(session -> existing.add(session.bk()));
        for (String bk : sessions.keySet()) {
            SessionVersion latest = latest(bk);
            if (latest.start().isBefore(span.from()) || !latest.start().isBefore(span.to())) {
                continue;
            }
            known.put(bk, latest);
            stale.remove(bk);
            if (!existing.contains(bk) && latest.status() != SessionStatus.SUPERSEDED) {
                stale.put(bk, superseded(latest, span));
            }
        }
    }

    private static SessionVersion superseded(SessionVersion latest, SessionSpan span) {
        List<String> successors = new ArrayList<>();
        Instant loadDate = latest.loadDate();
        for (SessionSpan.Existing session : span.sessions()) {
            if (!session.start().isAfter(latest.end()) && !session.end().isBefore(latest.start())) {
                successors.add(session.bk());
                loadDate = session.loadDate().isAfter(loadDate) ? session.loadDate() : loadDate;
            }
        }
        return SessionVersion.superseded(
                latest.start(), latest.end(), latest.visitorBk(), loadDate, successors);
    }

    /** Which of the two is the latest one of the session then. */
    private static SessionVersion later(SessionVersion known, SessionVersion version) {
        boolean newer = version.loadDate().isAfter(known.loadDate());
        return newer || rank(version) > rank(known) ? version : known;
    }

    private static Instant loadDate(SessionVersion version, @Nullable SessionVersion known) {
        if (known == null || known.loadDate().isBefore(version.loadDate())) {
            return version.loadDate();
        }
        return wronglyBeats(known, version)
                ? known.loadDate().plus(1, ChronoUnit.MICROS)
                : known.loadDate();
    }

    private static boolean wronglyBeats(SessionVersion known, SessionVersion version) {
        boolean closed = version.status() == SessionStatus.CLOSED;
        int more = known.counts().events() - version.counts().events();
        return switch (known.status()) {
            case SUPERSEDED -> version.status() != SessionStatus.SUPERSEDED;
            case OPEN -> closed && more > 0;
            case CLOSED -> closed && more >= 0 && !content(known).equals(content(version));
        };
    }

    private static SessionVersion at(Instant loadDate, SessionVersion v) {
        return new SessionVersion(
                v.status(),
                v.start(),
                v.end(),
                loadDate,
                v.clientSessionId(),
                v.visitorBk(),
                v.counts(),
                v.bounce(),
                v.revenue(),
                v.refunds(),
                v.entryPageUrl(),
                v.exitPageUrl(),
                v.referrer(),
                v.channel(),
                v.campaign(),
                v.device(),
                v.language(),
                null,
                v.predecessorBk(),
                v.successorBks(),
                v.repeatedViews());
    }

    /** All of a version but its load date, which tells when it was known. */
    static String content(SessionVersion version) {
        return version.toString().replace(version.loadDate().toString(), "");
    }

    private SessionVersion latest(String bk) {
        return sessions.get(bk).lastEntry().getValue();
    }

    private void link(SessionUpdate update) {
        for (LinkedEvent event : update.links()) {
            events.put(event.eventBk(), event);
            links.computeIfAbsent(event.eventBk(), key -> new HashSet<>()).add(update.sessionBk());
        }
    }

    /** The latest version of each session that is not superseded. */
    Map<String, SessionVersion> current() {
        Map<String, SessionVersion> current = new HashMap<>();
        for (String bk : sessions.keySet()) {
            if (latest(bk).status() != SessionStatus.SUPERSEDED) {
                current.put(bk, latest(bk));
            }
        }
        return current;
    }

    /**
     * Of an event's links to current sessions that last while it happened, the one to the latest
     * start.
     */
    Map<String, String> currentLinks() {
        Map<String, SessionVersion> current = current();
        Map<String, String> result = new HashMap<>();
        events.forEach(
                (eventBk, event) -> {
                    String holds = SessionKeys.NO_SESSION;
                    for (String bk : links.get(eventBk)) {
                        SessionVersion session = current.get(bk);
                        SessionVersion known = current.get(holds);
                        if (session != null
                                && !event.occurredAt().isBefore(session.start())
                                && !event.occurredAt().isAfter(session.end())
                                && (known == null || session.start().isAfter(known.start()))) {
                            holds = bk;
                        }
                    }
                    result.put(eventBk, holds);
                });
        return result;
    }
}
