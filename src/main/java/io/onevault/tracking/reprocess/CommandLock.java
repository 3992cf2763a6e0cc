package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Keeps the commands that work on a reprocess apart. */
final class CommandLock {

    private static final String LOCK =
            "SELECT pg_try_advisory_lock(hashtextextended('site_tracking_reprocess', 0))";

    /**
     * The database looks for its client also in the midst of a statement, and misses a machine that
     * is gone; without this it ends first what a command that was killed has begun. Servers on
     * Windows can't.
     */
    private static final String MISS_CLIENT =
            """
            DO $$
            BEGIN
                SET tcp_keepalives_idle = 10;
                SET tcp_keepalives_interval = 5;
                SET tcp_keepalives_count = 3;
                SET client_connection_check_interval = '1 s';
            EXCEPTION
                WHEN invalid_parameter_value THEN NULL;
            END $$""";

    /** Longer than the database takes to miss a command that was killed. */
    private static final Duration LOCK_WAIT = Duration.ofSeconds(40);

    private static final int POLL_MILLIS = 500;

    private CommandLock() {}

    /**
     * Takes the lock for as long as the connection lasts. Until the database has missed a command
     * that was killed, its lock is waited for.
     */
    static void take(Connection connection) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(MISS_CLIENT);
        }
        long until = System.nanoTime() + LOCK_WAIT.toNanos();
        while (!isTaken(connection)) {
            if (System.nanoTime() > until) {
                throw new ReprocessException(Code.BUSY, "another command works on the reprocess");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static boolean isTaken(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LOCK)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
