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
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the database holds of the sessions that the claims of a micro-batch speak of. An earlier run
 * may have known more, or in another order, than a replay does at first; in the end the replay has
 * the last word on which sessions exist.
 */
final class StoredSessions {

    private static final String FIND =
            """
            SELECT h.session_bk,
                   s.session_start,
                   s.session_end,
                   s.visitor_hk,
                   s.load_date,
                   s.session_status
              FROM business.site_session_h h
              JOIN LATERAL (SELECT *
                              FROM business.site_session_details_s d
                             WHERE d.session_start >= ?
                               AND d.session_start < ?
                               AND d.session_hk = h.session_hk
                             ORDER BY d.load_date DESC
                             LIMIT 1) s ON true
             WHERE h.tenant_hk = decode(?, 'hex')
               AND h.session_bk COLLATE "C" >= ?
               AND h.session_bk COLLATE "C" < ?
               AND starts_with(
                       h.session_bk,
                       ? || floor(extract(epoch FROM s.session_start) * 1000)::bigint)""";

    /** The dot between session id and time, and the character after it. */
    private static final char DOT = '.';

    private static final char AFTER_DOT = '/';
    private static final String SUPERSEDED = SessionStatus.SUPERSEDED.name();

    private final Map<String, Latest> latest = new HashMap<>();

    private final Map<String, Phantom> phantoms = new LinkedHashMap<>();

    private StoredSessions() {}

    /** The latest version of a session in the database. */
    private record Latest(Instant loadDate, boolean superseded) {}

    /** A session that does not exist, with the version that says so. */
    record Phantom(String tenantHk, String bk, byte[] visitorHk, SessionVersion version) {}

    static StoredSessions read(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        StoredSessions stored = new StoredSessions();
        for (SessionUpdate update : updates) {
            SessionClaim claim = update.claim();
            if (claim != null) {
                stored.read(connection, update.tenantHk(), claim);
            }
        }
        return stored;
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
     * after it where that wrongly says that the session is superseded.
     */
    Instant loadDate(String tenantHk, String sessionBk, SessionVersion version) {
        Latest known = latest.get(key(tenantHk, sessionBk));
        if (known == null || known.loadDate().isBefore(version.loadDate())) {
            return version.loadDate();
        }
        boolean revived = known.superseded() && version.status() != SessionStatus.SUPERSEDED;
        return revived ? known.loadDate().plus(1, ChronoUnit.MICROS) : known.loadDate();
    }

    private void read(Connection connection, String tenantHk, SessionClaim claim)
            throws SQLException {
        String prefix = "sess_" + claim.sessionId();
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setObject(1, claim.from().atOffset(ZoneOffset.UTC));
            find.setObject(2, claim.to().atOffset(ZoneOffset.UTC));
            find.setString(3, tenantHk);
            find.setString(4, prefix + DOT);
            find.setString(5, prefix + AFTER_DOT);
            // An id that holds a dot has the prefix of another one, but not its start.
            find.setString(6, prefix + DOT);
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    judge(row, tenantHk, claim);
                }
            }
        }
    }

    private void judge(ResultSet row, String tenantHk, SessionClaim claim) throws SQLException {
        String bk = row.getString("session_bk");
        String key = key(tenantHk, bk);
        Instant loadDate = instant(row, "load_date");
        boolean superseded = row.getString("session_status").equals(SUPERSEDED);
        latest.put(key, new Latest(loadDate, superseded));
        phantoms.remove(key);
        if (!exists(bk, claim) && !superseded) {
            Instant start = instant(row, "session_start");
            Instant end = instant(row, "session_end");
            SessionVersion version =
                    SessionVersion.superseded(
                            start, end, "", loadDate, successors(start, end, claim));
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

    private static List<String> successors(Instant start, Instant end, SessionClaim claim) {
        List<String> successors = new ArrayList<>();
        for (Claimed claimed : claim.sessions()) {
            if (!claimed.start().isAfter(end) && !claimed.end().isBefore(start)) {
                successors.add(claimed.bk());
            }
        }
        return successors;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
