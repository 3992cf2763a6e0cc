package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The current sessions of a layer against those that are expected. Told in words it asks for all
 * that the layers of a reprocess hold of the first one that differs.
 */
final class SessionDifference {

    private static final int MOST_TOLD = 20;
    private static final List<String> LAYERS =
            List.of("business", "business_shadow", "business_former");

    private static final String OF_SESSION =
            """
            WITH session AS (
                SELECT DISTINCT hub.session_hk, hub.session_bk, hub.tenant_hk
                  FROM $layer.site_session_h AS hub
                  JOIN auth.tenant_h AS tenants USING (tenant_hk)
                 WHERE tenants.tenant_bk = '$tenant'
                   AND hub.session_bk LIKE '%\\_$client.$millis'
            )
            SELECT concat_ws(' ', 'version', v.session_start, v.session_end, v.session_status,
                       v.total_events, 'events, load', v.load_date, 'last', v.last_load_date,
                       v.record_source)
              FROM session
              JOIN $layer.site_session_details_s AS v USING (session_hk)
            UNION ALL
            SELECT concat_ws(' ', 'bridge', b.key_start, b.session_status, b.load_date)
              FROM session
              JOIN $layer.site_session_b AS b USING (session_hk)
            UNION ALL
            SELECT concat_ws(' ', 'link', l.event_timestamp, e.event_bk, 'to', h.session_bk,
                       l.load_date, l.record_source)
              FROM session
              JOIN $layer.event_session_l AS own USING (session_hk)
              JOIN $layer.event_session_l AS l
                ON l.event_timestamp = own.event_timestamp AND l.event_hk = own.event_hk
              JOIN $layer.site_session_h AS h ON h.session_hk = l.session_hk
              LEFT JOIN $layer.site_event_h AS e
                ON e.event_timestamp = l.event_timestamp AND e.event_hk = l.event_hk
             ORDER BY 1""";

    private final TestDatabase database;
    private final String layer;
    private final List<String> missing;
    private final List<String> tooMany;

    /**
     * @param stored as {@link Visits} tells sessions
     * @param expected told alike
     */
    SessionDifference(
            TestDatabase database, String layer, List<String> stored, List<String> expected) {
        this.database = database;
        this.layer = layer;
        this.missing = minus(expected, stored);
        this.tooMany = minus(stored, expected);
    }

    boolean isNone() {
        return missing.isEmpty() && tooMany.isEmpty();
    }

    private static List<String> minus(List<String> some, List<String> others) {
        List<String> rest = new ArrayList<>(some);
        others.forEach(rest::remove);
        return rest;
    }

    /** By what differs: it moves as long as that changes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SessionDifference that
                && missing.equals(that.missing)
                && tooMany.equals(that.tooMany);
    }

    @Override
    public int hashCode() {
        return Objects.hash(missing, tooMany);
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        words.add(
                "sessions of %s: %d are missing, %d too many"
                        .formatted(layer, missing.size(), tooMany.size()));
        missing.stream().limit(MOST_TOLD).forEach(one -> words.add("  missing  " + one));
        tooMany.stream().limit(MOST_TOLD).forEach(one -> words.add("  too many " + one));
        if (!isNone()) {
            words.addAll(rows(missing.isEmpty() ? tooMany.get(0) : missing.get(0)));
        }
        return String.join("\n", words);
    }

    /** Of one session, in each layer that is there. */
    private List<String> rows(String session) {
        String[] told = session.split(" ");
        String query =
                OF_SESSION
                        .replace("$tenant", told[0])
                        .replace("$client", told[1])
                        .replace("$millis", Visits.startMillis(session));
        List<String> rows = new ArrayList<>();
        try {
            for (String one : LAYERS) {
                boolean isThere =
                        database.texts("SELECT to_regclass('%s.site_session_h')".formatted(one))
                                        .get(0)
                                != null;
                if (isThere) {
                    rows.add("  " + one);
                    database.texts(query.replace("$layer", one))
                            .forEach(row -> rows.add("    " + row));
                }
            }
        } catch (SQLException e) {
            rows.add("  more is not known: " + e.getMessage());
        }
        return rows;
    }
}
