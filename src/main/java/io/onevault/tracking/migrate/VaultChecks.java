package io.onevault.tracking.migrate;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * Runs the queries in {@code sql/checks}, each of which returns the rows that break one invariant
 * of the vault. All see the same snapshot; events and sessions are loaded in different
 * transactions, so the counts only agree once the job is idle.
 */
public final class VaultChecks {

    /**
     * What a check found.
     *
     * @param check name of the file, without its ending
     * @param violations the first offending rows as {@code column=value} text; empty when all is
     *     well
     * @param more whether there are further ones
     */
    public record Result(String check, List<String> violations, boolean more) {

        public boolean passed() {
            return violations.isEmpty();
        }
    }

    private static final String SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    private static final String ON_SHADOW =
            """
            SELECT raw.site_tracking_reprocess_text(?, ARRAY(
                SELECT DISTINCT name FROM raw.site_tracking_reprocess_objects('')), '', '_shadow')
            """;

    private VaultChecks() {}

    /**
     * Runs all checks.
     *
     * @param connection in auto-commit mode; stays open
     * @param limit most rows to report of a check, at least 1
     */
    public static List<Result> run(Connection connection, int limit) throws SQLException {
        return run(connection, Scripts.CHECKS, limit);
    }

    /** Runs all checks on the shadow of a reprocess instead. */
    public static List<Result> runOnShadow(Connection connection, int limit) throws SQLException {
        List<String> queries = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ON_SHADOW)) {
            for (String file : Scripts.CHECKS) {
                statement.setString(1, Scripts.check(file));
                try (ResultSet query = statement.executeQuery()) {
                    query.next();
                    queries.add(query.getString(1));
                }
            }
        }
        return run(connection, Scripts.CHECKS, queries, limit);
    }

    static List<Result> run(Connection connection, List<String> files, int limit)
            throws SQLException {
        return run(connection, files, files.stream().map(Scripts::check).toList(), limit);
    }

    private static List<Result> run(
            Connection connection, List<String> files, List<String> queries, int limit)
            throws SQLException {
        List<Result> results = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(SNAPSHOT);
            try {
                for (int i = 0; i < files.size(); i++) {
                    results.add(run(statement, files.get(i), queries.get(i), limit));
                }
            } finally {
                statement.execute("ROLLBACK");
            }
        }
        return results;
    }

    private static Result run(Statement statement, String file, String query, int limit)
            throws SQLException {
        String check = file.substring(0, file.length() - ".sql".length());
        statement.setMaxRows(limit + 1);
        List<String> violations = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                violations.add(text(rows));
            }
        }
        boolean more = violations.size() > limit;
        return new Result(
                check, List.copyOf(more ? violations.subList(0, limit) : violations), more);
    }

    private static String text(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        StringJoiner text = new StringJoiner(", ");
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            text.add(columns.getColumnLabel(i) + "=" + row.getString(i));
        }
        return text.toString();
    }
}
