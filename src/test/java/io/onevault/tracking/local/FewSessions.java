package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;

/**
 * How many sessions that pass filters are looked up by their keys; more are found time and again.
 */
final class FewSessions {

    private FewSessions() {}

    static void upTo(TestDatabase database, int sessions) throws SQLException {
        database.execute(
                """
                CREATE OR REPLACE FUNCTION business.site_few_sessions(
                    tenant bytea, from_at timestamptz, to_at timestamptz)
                RETURNS bigint LANGUAGE sql STABLE AS 'SELECT %d::bigint'"""
                        .formatted(sessions));
    }
}
