package io.onevault.tracking.migrate;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Finds the settings of a server by which its log may hold what an event says. */
final class ServerLog {

    /**
     * A statement and its plan hold the event that it tracks, the detail of an error the row at
     * fault. What is set for another login holds for that one.
     */
    private static final String TELLING =
            """
            WITH settings AS (
                SELECT name, setting, '' AS whose
                  FROM pg_catalog.pg_settings
                 UNION
                SELECT split_part(given, '=', 1), lower(substr(given, strpos(given, '=') + 1)),
                       ' of ' || logins.rolname
                  FROM pg_catalog.pg_db_role_setting AS held
                  JOIN pg_catalog.pg_roles AS logins ON logins.oid = held.setrole
                 CROSS JOIN unnest(held.setconfig) AS given
                 WHERE held.setdatabase IN (
                       0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
                   AND EXISTS (
                       SELECT FROM pg_catalog.pg_roles AS roles
                        WHERE roles.rolname ~ '^site_tracking_'
                          AND pg_has_role(logins.oid, roles.oid, 'MEMBER'))
                   AND logins.rolcanlogin
                   AND NOT logins.rolsuper
                   AND logins.rolname <> session_user
            )
            SELECT name || '=' || setting || whose
              FROM settings
             WHERE (name = 'log_statement' AND setting IN ('mod', 'all'))
                OR (name = 'log_min_error_statement' AND setting <> 'panic')
                OR (name = 'log_error_verbosity' AND setting <> 'terse')
                OR (name = 'log_parameter_max_length_on_error' AND setting <> '0')
                OR (name IN ('log_min_duration_statement', 'log_min_duration_sample',
                             'auto_explain.log_min_duration')
                    AND setting <> '-1')
                OR (name = 'log_transaction_sample_rate' AND setting <> '0')
                OR (name IN ('debug_print_parse', 'debug_print_rewritten', 'debug_print_plan')
                    AND setting NOT IN ('off', 'false', 'no', '0'))
                OR (name = 'pgaudit.log' AND setting <> 'none')
                OR (name = 'pgaudit.role' AND setting <> '')
             ORDER BY 1""";

    private ServerLog() {}

    /** Such settings with their values, as they hold for this connection, and those of logins. */
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
