package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;
import java.util.List;

/** What a vault is told of another one, so that both can hold the same. */
final class VaultCopies {

    private VaultCopies() {}

    /** Pseudonyms of visitors without cookies are the same only under the same salts. */
    static void salts(TestDatabase from, TestDatabase to) throws SQLException {
        for (String salt :
                from.texts(
                        "SELECT quote_literal(salt_date) || ', ' || quote_literal(salt)"
                                + " FROM auth.site_tracking_salt_s")) {
            to.execute(
                    "INSERT INTO auth.site_tracking_salt_s"
                            + " (salt_date, salt, load_date, record_source) VALUES ("
                            + salt
                            + ", now(), 'test') ON CONFLICT DO NOTHING");
        }
    }

    /**
     * Of an event whose deliveries tell different times the first one decides.
     *
     * @return of how many events one vault now knows from the other when they occurred
     */
    static int eventTimes(TestDatabase from, TestDatabase to) throws SQLException {
        List<String> rows =
                from.texts(
                        "SELECT 'SELECT (' || quote_literal(t)"
                                + " || '::raw.site_tracking_event_time_r).*'"
                                + " FROM raw.site_tracking_event_time_r AS t");
        to.execute(
                "INSERT INTO raw.site_tracking_event_time_r " + String.join(" UNION ALL ", rows));
        return rows.size();
    }
}
