package io.onevault.tracking.vault;

import io.onevault.tracking.session.SessionClaim;
import io.onevault.tracking.session.SessionClaim.Claimed;
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
 * What the database holds of the sessions that the claims of a micro-batch speak of. An earlier run
 * may have known more, or in another order, than a replay does at first; in the end the replay has
 * the last word on which sessions exist.
 */
final class StoredSessions {

    /**
     * All claims at once. The business keys of an id's sessions begin alike and end in the
     * millisecond of the start, which leads to the versions: their primary key begins with the
     * start. An id that holds a dot has the prefix of another one, but no start there. OFFSET 0
     * keeps the planner from joining before it has cut the hub down.
     */
    private static final String FIND =
            """
            SELECT c.claim,
                   h.session_bk,
                   s.session_start,
                   s.session_end,
                   s.visitor_hk,
                   s.load_date,
                   s.session_status,
                   s.total_events,
                   s.hash_diff
              FROM unnest(?::int4[], ?::text[], ?::text[], ?::int8[], ?::int8[])
                   AS c (claim, tenant_hk, prefix, from_millis, to_millis)
             CROSS JOIN LATERAL (
                       SELECT session_hk,
                              session_bk,
                              substring(substr(session_bk, length(c.prefix) + 2)
                                        FROM '^[0-9]{1,15}')::bigint AS millis
                         FROM business.site_session_h
                        WHERE tenant_hk = decode(c.tenant_hk, 'hex')
                          AND session_bk COLLATE "C" >= c.prefix || '.'
                          AND session_bk COLLATE "C" < c.prefix || '/'
                       OFFSET 0) h
             CROSS JOIN LATERAL (
                       SELECT *
                         FROM business.site_session_details_s d
                        WHERE d.session_start >= $start
                          AND d.session_start < $end
                          AND d.session_hk = h.session_hk
                        ORDER BY d.load_date DESC
                        LIMIT 1) s
             WHERE h.millis >= c.from_millis
               AND h.millis < c.to_millis
             ORDER BY c.claim"""
                    .replace("$start", PgType.INSTANT.expression("(h.millis * 1000)"))
                    .replace("$end", PgType.INSTANT.expression("((h.millis + 1) * 1000)"));

    private final Map<String, Latest> latest = new HashMap<>();

    private final Map<String, Phantom> phantoms = new LinkedHashMap<>();

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
    record Phantom(String tenantHk, String bk, byte[] visitorHk, SessionVersion version) {}

    static StoredSessions read(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        List<SessionUpdate> claims = claims(updates);
        StoredSessions stored = new StoredSessions();
        if (!claims.isEmpty()) {
            stored.readClaims(connection, claims);
        }
        return stored;
    }

    /** Updates that were made together bring one claim. */
    private static List<SessionUpdate> claims(List<SessionUpdate> updates) {
        List<SessionUpdate> claims = new ArrayList<>();
        SessionUpdate last = null;
        for (SessionUpdate update : updates) {
            boolean same =
                    last != null
                            && last.tenantHk().equals(update.tenantHk())
                            && Objects.equals(last.claim(), update.claim());
            if (update.claim() != null && !same) {
                claims.add(update);
            }
            last = update;
        }
        return claims;
    }

    static String key(String tenantHk, String sessionBk) {
        return tenantHk + '|' + sessionBk;
    }

    /** The sessions that by the last claim on their time do not exist but are not superseded. */
    Collection<Phantom> phantoms() {
        return phantoms.values();
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

    private void readClaims(Connection connection, List<SessionUpdate> claims) throws SQLException {
        int size = claims.size();
        Integer[] numbers = new Integer[size];
        String[] tenants = new String[size];
        String[] prefixes = new String[size];
        Long[] from = new Long[size];
        Long[] to = new Long[size];
        for (int i = 0; i < size; i++) {
            SessionClaim claim = claims.get(i).claim();
            numbers[i] = i;
            tenants[i] = claims.get(i).tenantHk();
            prefixes[i] = claim.beginning();
            from[i] = claim.from().toEpochMilli();
            to[i] = claim.to().toEpochMilli();
        }
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setArray(1, connection.createArrayOf("int4", numbers));
            find.setArray(2, connection.createArrayOf("text", tenants));
            find.setArray(3, connection.createArrayOf("text", prefixes));
            find.setArray(4, connection.createArrayOf("int8", from));
            find.setArray(5, connection.createArrayOf("int8", to));
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    SessionUpdate update = claims.get(row.getInt("claim"));
                    judge(row, update.tenantHk(), update.claim());
                }
            }
        }
    }

    private void judge(ResultSet row, String tenantHk, SessionClaim claim) throws SQLException {
        String bk = row.getString("session_bk");
        String key = key(tenantHk, bk);
        Instant loadDate = instant(row, "load_date");
        SessionStatus status = SessionStatus.valueOf(row.getString("session_status"));
        int events = row.getInt("total_events");
        latest.put(key, new Latest(loadDate, status, events, row.getBytes("hash_diff")));
        phantoms.remove(key);
        if (!exists(bk, claim) && status != SessionStatus.SUPERSEDED) {
            Instant start = instant(row, "session_start");
            Instant end = instant(row, "session_end");
            List<Claimed> successors = successors(start, end, claim);
            SessionVersion version =
                    SessionVersion.superseded(
                            start,
                            end,
                            "",
                            latest(loadDate, successors),
                            successors.stream().map(Claimed::bk).toList());
            phantoms.put(key, new Phantom(tenantHk, bk, row.getBytes("visitor_hk"), version));
        }
    }

    private static boolean exists(String bk, SessionClaim claim) {
        for (Claimed claimed : claim.sessions()) {
            if (claimed.bk().equals(bk)) {
                return true;
            }
        }
        return false;
    }

    private static List<Claimed> successors(Instant start, Instant end, SessionClaim claim) {
        List<Claimed> successors = new ArrayList<>();
        for (Claimed claimed : claim.sessions()) {
            if (!claimed.start().isAfter(end) && !claimed.end().isBefore(start)) {
                successors.add(claimed);
            }
        }
        return successors;
    }

    /** As where the job still knows that it had published the session: history keeps both. */
    private static Instant latest(Instant loadDate, List<Claimed> successors) {
        Instant latest = loadDate;
        for (Claimed successor : successors) {
            latest = successor.loadDate().isAfter(latest) ? successor.loadDate() : latest;
        }
        return latest;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
