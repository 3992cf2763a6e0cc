package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;

/** Whether a period counts as having so many events that several processes share its visitors. */
final class ManyEvents {

    private ManyEvents() {}

    static void are(TestDatabase database, boolean many) throws SQLException {
        database.execute(
                """
                CREATE OR REPLACE FUNCTION business.site_are_many_events(
                    tenant bytea, from_at timestamptz, to_at timestamptz)
                RETURNS boolean LANGUAGE sql STABLE AS 'SELECT %s'"""
                        .formatted(many));
    }
}
