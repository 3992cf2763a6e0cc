package io.onevault.tracking.migrate;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Applies the numbered scripts in order, each in its own transaction. Applying them again changes
 * nothing.
 */
public final class Migration {

    /**
     * A script that was applied.
     *
     * @param messages warnings and notices of the database
     */
    public record Applied(String script, Duration took, List<String> messages) {}

    private static final String CREATE_SHADOW = "CALL raw.site_tracking_reprocess_create()";

    private Migration() {}

    /**
     * Applies all scripts and reports each as soon as it is applied.
     *
     * @param connection not within a transaction; stays open
     */
    public static void apply(Connection connection, Consumer<Applied> report)
            throws SQLException, MigrationException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(true); // each script brings its own BEGIN and COMMIT
        try {
            for (String script : Scripts.NUMBERED) {
                report.accept(apply(connection, script));
            }
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    /**
     * Makes the shadow tables of a reprocess, and what exchanges them with those of production.
     *
     * @param connection not within a transaction; stays open
     */
    public static void makeShadow(Connection connection, Consumer<Applied> report)
            throws SQLException, MigrationException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            report.accept(apply(connection, Scripts.REPROCESS));
            statement.execute(CREATE_SHADOW);
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    private static Applied apply(Connection connection, String script)
            throws SQLException, MigrationException {
        long start = System.nanoTime();
        try (Statement statement = connection.createStatement()) {
            try {
                statement.execute(Scripts.numbered(script));
            } catch (SQLException e) {
                rollBack(connection, e);
                throw new MigrationException(script, e);
            }
            return new Applied(
                    script, Duration.ofNanos(System.nanoTime() - start), messages(statement));
        }
    }

    /** The script's own BEGIN is still open, and the driver does not know of it. */
    private static void rollBack(Connection connection, SQLException cause) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static List<String> messages(Statement statement) throws SQLException {
        List<String> messages = new ArrayList<>();
        for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
            messages.add(w.getMessage());
        }
        return List.copyOf(messages);
    }
}
