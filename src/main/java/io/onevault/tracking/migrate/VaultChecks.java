package io.onevault.tracking.migrate;

import java.sql.Connection;
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

    static List<Result> run(Connection connection, List<String> files, int limit)
            throws SQLException {
        List<Result> results = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(SNAPSHOT);
            try {
                for (String file : files) {
                    results.add(run(statement, file, limit));
                }
            } finally {
                statement.execute("ROLLBACK");
            }
        }
        return results;
    }

    private static Result run(Statement statement, String file, int limit) throws SQLException {
        String check = file.substring(0, file.length() - ".sql".length());
        statement.setMaxRows(limit + 1);
        List<String> violations = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(Scripts.check(file))) {
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
