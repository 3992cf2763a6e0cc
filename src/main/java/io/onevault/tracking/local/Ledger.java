package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the records so far, by the job's durable ledger.
 *
 * @param accepted loaded ones, the late ones included
 * @param rejected by the code of the reason
 * @param late loaded too late for their session
 */
public record Ledger(
        long received, long accepted, long duplicates, Map<String, Long> rejected, long late) {

    private static final String QUERY =
            """
            SELECT
                outcome,
                code,
                sum(event_count)::bigint
            FROM raw.site_tracking_ledger_r
            GROUP BY
                outcome,
                code
            """;

    public static Ledger read(Connection connection) throws SQLException {
        Map<String, Long> totals = new TreeMap<>();
        Map<String, Long> rejected = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            while (rows.next()) {
                String outcome = rows.getString(1);
                totals.merge(outcome, rows.getLong(3), Long::sum);
                if ("REJECTED".equals(outcome)) {
                    rejected.put(rows.getString(2), rows.getLong(3));
                }
            }
        }
        return new Ledger(
                totals.getOrDefault("RECEIVED", 0L),
                totals.getOrDefault("ACCEPTED", 0L),
                totals.getOrDefault("DUPLICATE", 0L),
                rejected,
                totals.getOrDefault("LATE", 0L));
    }

    /** What was added since the earlier ledger; codes without any are left out. */
    public Ledger since(Ledger earlier) {
        Map<String, Long> added = new TreeMap<>();
        rejected.forEach(
                (code, count) -> {
                    long more = count - earlier.rejected.getOrDefault(code, 0L);
                    if (more != 0) {
                        added.put(code, more);
                    }
                });
        return new Ledger(
                received - earlier.received,
                accepted - earlier.accepted,
                duplicates - earlier.duplicates,
                added,
                late - earlier.late);
    }

    /** Loaded in time for their session. */
    public long loaded() {
        return accepted - late;
    }
}
