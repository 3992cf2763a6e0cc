package io.onevault.tracking.vault;

import io.onevault.tracking.session.SessionClaim;
import io.onevault.tracking.session.SessionClaim.Claimed;
import io.onevault.tracking.session.SessionUpdate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Finds sessions in the database that, by the claims of a replay, do not exist. */
final class PhantomSessions {

    private static final String FIND =
            """
            SELECT h.session_bk, s.session_start, s.session_end, s.visitor_hk, s.load_date
              FROM business.site_session_h h
              JOIN LATERAL (SELECT *
                              FROM business.site_session_details_s d
                             WHERE d.session_start >= ?
                               AND d.session_start < ?
                               AND d.session_hk = h.session_hk
                             ORDER BY d.load_date DESC
                             LIMIT 1) s ON s.session_status <> 'SUPERSEDED'
             WHERE h.tenant_hk = decode(?, 'hex')
               AND h.session_bk COLLATE "C" >= ?
               AND h.session_bk COLLATE "C" < ?
               AND starts_with(
                       h.session_bk,
                       ? || floor(extract(epoch FROM s.session_start) * 1000)::bigint)
               AND h.session_bk <> ALL (?)""";

    /** The dot between session id and time, and the character after it. */
    private static final char DOT = '.';

    private static final char AFTER_DOT = '/';

    private PhantomSessions() {}

    /** A session that must be superseded, and by which. */
    record Phantom(
            String tenantHk,
            String bk,
            Instant start,
            Instant end,
            byte[] visitorHk,
            Instant loadDate,
            List<String> successorBks) {}

    static List<Phantom> find(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        List<Phantom> phantoms = new ArrayList<>();
        for (SessionUpdate update : updates) {
            SessionClaim claim = update.claim();
            if (claim != null) {
                find(connection, update.tenantHk(), claim, phantoms);
            }
        }
        return phantoms;
    }

    private static void find(
            Connection connection, String tenantHk, SessionClaim claim, List<Phantom> phantoms)
            throws SQLException {
        String prefix = "sess_" + claim.sessionId();
        Object[] bks = claim.sessions().stream().map(Claimed::bk).toArray();
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setObject(1, claim.from().atOffset(ZoneOffset.UTC));
            find.setObject(2, claim.to().atOffset(ZoneOffset.UTC));
            find.setString(3, tenantHk);
            find.setString(4, prefix + DOT);
            find.setString(5, prefix + AFTER_DOT);
            // An id that holds a dot has the prefix of another one, but not its start.
            find.setString(6, prefix + DOT);
            find.setArray(7, connection.createArrayOf("text", bks));
            try (ResultSet row = find.executeQuery()) {
                while (row.next()) {
                    phantoms.add(phantom(row, tenantHk, claim));
                }
            }
        }
    }

    private static Phantom phantom(ResultSet row, String tenantHk, SessionClaim claim)
            throws SQLException {
        Instant start = row.getObject("session_start", OffsetDateTime.class).toInstant();
        Instant end = row.getObject("session_end", OffsetDateTime.class).toInstant();
        Instant loadDate = row.getObject("load_date", OffsetDateTime.class).toInstant();
        List<String> successors = new ArrayList<>();
        for (Claimed claimed : claim.sessions()) {
            if (!claimed.start().isAfter(end) && !claimed.end().isBefore(start)) {
                successors.add(claimed.bk());
                loadDate = claimed.loadDate().isAfter(loadDate) ? claimed.loadDate() : loadDate;
            }
        }
        return new Phantom(
                tenantHk,
                row.getString("session_bk"),
                start,
                end,
                row.getBytes("visitor_hk"),
                loadDate,
                successors);
    }
}
