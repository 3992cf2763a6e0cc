package io.onevault.tracking.migrate;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Finds the settings of a server by which its log may hold what an event says. */
final class ServerLog {

    /** A statement holds the event that it tracks, the detail of an error the row at fault. */
    private static final String TELLING =
            """
            SELECT name || '=' || setting
              FROM pg_catalog.pg_settings
             WHERE (name = 'log_statement' AND setting IN ('mod', 'all'))
                OR (name = 'log_min_error_statement' AND setting <> 'panic')
                OR (name = 'log_error_verbosity' AND setting <> 'terse')
                OR (name = 'log_parameter_max_length_on_error' AND setting <> '0')
                OR (name IN ('log_min_duration_statement', 'log_min_duration_sample')
                    AND setting <> '-1')
                OR (name = 'log_transaction_sample_rate' AND setting <> '0')
             ORDER BY name""";

    private ServerLog() {}

    /** Such settings with their values, as they hold for this connection. */
    static List<String> telling(Connection connection) throws SQLException {
        List<String> settings = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TELLING)) {
            while (row.next()) {
                settings.add(row.getString(1));
            }
        }
        return settings;
    }
}
