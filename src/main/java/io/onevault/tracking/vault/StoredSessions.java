package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bigint;
import static io.onevault.tracking.vault.Column.integer;
import static io.onevault.tracking.vault.Column.text;

import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionSpan.Existing;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the database holds of the sessions that the spans of a micro-batch speak of. An earlier run
 * may have known more, or in another order, than a replay does at first; in the end the replay has
 * the last word on which sessions exist.
 */
final class StoredSessions {

    private static final List<Column> COLUMNS =
            List.of(
                    integer("span"),
                    text("tenant_hk"),
                    text("prefix"),
                    bigint("from_millis"),
                    bigint("to_millis"));

    /**
     * All spans at once. The business keys of an id's sessions begin alike and end in the
     * millisecond of the start, which leads to the versions: their primary key begins with the
     * start. An id that holds a dot has the prefix of another one, but no start there. OFFSET 0
     * keeps the planner from joining before it has cut the hub down.
     */
    private static final String FIND =
            """
            SELECT n.span,
                   h.session_bk,
                   s.session_start,
                   s.session_end,
                   s.visitor_hk,
                   greatest(s.load_date, s.last_load_date) AS load_date,
                   s.session_status,
                   s.total_events,
                   s.hash_diff
              FROM $spans
             CROSS JOIN LATERAL (
                       SELECT session_hk,
                              session_bk,
                              substring(substr(session_bk, length(n.prefix) + 2)
                                        FROM '^[0-9]{1,15}')::bigint AS millis
                         FROM business.site_session_h
                        WHERE tenant_hk = decode(n.tenant_hk, 'hex')
                          AND session_bk COLLATE "C" >= n.prefix || '.'
                          AND session_bk COLLATE "C" < n.prefix || '/'
                       OFFSET 0) h
             CROSS JOIN LATERAL (
                       SELECT *
                         FROM business.site_session_details_s d
                        WHERE d.session_start >= $start
                          AND d.session_start < $end
                          AND d.session_hk = h.session_hk
                        ORDER BY d.load_date DESC
                        LIMIT 1) s
             WHERE h.millis >= n.from_millis
               AND h.millis < n.to_millis
             ORDER BY n.span"""
                    .replace("$spans", Table.unnested(COLUMNS))
                    .replace("$start", PgType.INSTANT.expression("(h.millis * 1000)"))
                    .replace("$end", PgType.INSTANT.expression("((h.millis + 1) * 1000)"));

    private static final Table SPANS = Table.query(COLUMNS, FIND);

    private final Map<String, Latest> latest = new HashMap<>();

    private final Map<String, StaleSession> stale = new LinkedHashMap<>();

    private StoredSessions() {}

    /** The latest version of a session in the database. */
    private record Latest(Instant loadDate, SessionStatus status, int events, byte[] hashDiff) {

        /** The version that comes after it, by the load date by which it counts. */
        Latest then(SessionVersion version, byte[] versionHashDiff) {
            Instant counts = version.loadDate();
            if (!loadDate.isBefore(counts)) {
                counts =
                        wronglyBeats(version, versionHashDiff)
                                ? loadDate.plus(1, ChronoUnit.MICROS)
                                : loadDate;
            }
            return new Latest(counts, version.status(), version.counts().events(), versionHashDiff);
        }

        /** Whether the database keeps it rather than the other one. */
        boolean beats(Latest other) {
            return loadDate.isAfter(other.loadDate) || rank() > other.rank();
        }

        /** As the database has it, in {@link SessionTables}. */
        private int rank() {
            return switch (status) {
                case SUPERSEDED -> Integer.MAX_VALUE;
                case CLOSED -> 2 * events + 1;
                case OPEN -> 2 * events;
            };
        }

        /** Whether it would stay although the version says otherwise. */
        boolean wronglyBeats(SessionVersion version, byte[] versionHashDiff) {
            return switch (status) {
                case SUPERSEDED -> version.status() != SessionStatus.SUPERSEDED;
                case OPEN ->
                        version.status() == SessionStatus.CLOSED
                                && events > version.counts().events();
                case CLOSED ->
                        version.status() == SessionStatus.CLOSED
                                && events >= version.counts().events()
                                && !Arrays.equals(hashDiff, versionHashDiff);
            };
        }
    }

    /** A session that does not exist, with the version that says so. */
    record StaleSession(String tenantHk, String bk, byte[] visitorHk, SessionVersion version) {}

    static StoredSessions read(Connection connection, Layers layers, List<SessionUpdate> updates)
            throws SQLException {
        List<SessionUpdate> spans = spans(updates);
        StoredSessions stored = new StoredSessions();
        if (!spans.isEmpty()) {
            stored.readSpans(connection, layers, spans);
        }
        return stored;
    }

    /** Updates that were made together bring one span. */
    private static List<SessionUpdate> spans(List<SessionUpdate> updates) {
        List<SessionUpdate> spans = new ArrayList<>();
        SessionUpdate last = null;
        for (SessionUpdate update : updates) {
            boolean same =
                    last != null
                            && last.tenantHk().equals(update.tenantHk())
                            && Objects.equals(last.span(), update.span());
            if (update.span() != null && !same) {
                spans.add(update);
            }
            last = update;
        }
        return spans;
    }

    static String key(String tenantHk, String sessionBk) {
        return tenantHk + '|' + sessionBk;
    }

    /** The sessions that by the last span on their time do not exist but are not superseded. */
    Collection<StaleSession> stale() {
        return stale.values();
    }

    /**
     * The load date by which the version counts: its own, but never before the latest one's, and
     * after it where that says wrongly that the session is superseded, or has events that a closed
     * session does not have. An open one may still get them.
     */
    Instant loadDate(
            String tenantHk, String sessionBk, SessionVersion version, byte[] versionHashDiff) {
        String key = key(tenantHk, sessionBk);
        Latest known = latest.get(key);
        if (known == null) {
            return version.loadDate();
        }
        Latest written = known.then(version, versionHashDiff);
        // A micro-batch may hold the next version, too.
        latest.put(key, written.beats(known) ? written : known);
        return written.loadDate();
    }

    private void readSpans(Connection connection, Layers layers, List<SessionUpdate> spans)
            throws SQLException {
        Rows asked = new Rows(SPANS);
        for (SessionUpdate update : spans) {
            SessionSpan span = update.span();
            asked.add(
                    asked.all().size(),
                    update.tenantHk(),
                    span.beginning(),
                    span.from().toEpochMilli(),
                    span.to().toEpochMilli());
        }
        try (PreparedStatement find = connection.prepareStatement(layers.sql(SPANS.sql()))) {
            asked.bind(find);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    SessionUpdate update = spans.get(row.getInt("span"));
                    judge(row, update.tenantHk(), update.span());
                }
            }
        }
    }

    private void judge(ResultSet row, String tenantHk, SessionSpan span) throws SQLException {
        String bk = row.getString("session_bk");
        String key = key(tenantHk, bk);
        Instant loadDate = instant(row, "load_date");
        SessionStatus status = SessionStatus.valueOf(row.getString("session_status"));
        int events = row.getInt("total_events");
        latest.put(key, new Latest(loadDate, status, events, row.getBytes("hash_diff")));
        stale.remove(key);
        if (!exists(bk, span) && status != SessionStatus.SUPERSEDED) {
            Instant start = instant(row, "session_start");
            Instant end = instant(row, "session_end");
            List<Existing> successors = successors(start, end, span);
            SessionVersion version =
                    SessionVersion.superseded(
                            start,
                            end,
                            "",
                            latest(loadDate, successors),
                            successors.stream().map(Existing::bk).toList());
            stale.put(key, new StaleSession(tenantHk, bk, row.getBytes("visitor_hk"), version));
        }
    }

    private static boolean exists(String bk, SessionSpan span) {
        for (Existing existing : span.sessions()) {
            if (existing.bk().equals(bk)) {
                return true;
            }
        }
        return false;
    }

    private static List<Existing> successors(Instant start, Instant end, SessionSpan span) {
        List<Existing> successors = new ArrayList<>();
        for (Existing existing : span.sessions()) {
            if (!existing.start().isAfter(end) && !existing.end().isBefore(start)) {
                successors.add(existing);
            }
        }
        return successors;
    }

    /** As where the job still knows that it had published the session: history keeps both. */
    private static Instant latest(Instant loadDate, List<Existing> successors) {
        Instant latest = loadDate;
        for (Existing successor : successors) {
            latest = successor.loadDate().isAfter(latest) ? successor.loadDate() : latest;
        }
        return latest;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
