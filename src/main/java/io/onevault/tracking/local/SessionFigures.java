package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The two figures that tell whether sessions still change. */
record SessionFigures(long count, long events) {

    private static final String QUERY =
            """
            SELECT
                count(*),
                coalesce(sum(total_events), 0)
            FROM business.site_session_details_current_v
            """;

    static SessionFigures read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            rows.next();
            return new SessionFigures(rows.getLong(1), rows.getLong(2));
        }
    }
}
