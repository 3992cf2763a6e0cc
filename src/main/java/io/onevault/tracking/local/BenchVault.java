package io.onevault.tracking.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/** Fills a vault with generated sessions and their events, by SQL alone. */
final class BenchVault {

    /** The tenant that has the sessions; another one, {@code other}, has a fiftieth more. */
    static final String TENANT = "bench";

    private static final String SCRIPT = "/bench/vault.sql";

    private BenchVault() {}

    /**
     * Fills an empty vault.
     *
     * @param connection in auto-commit mode; keeps settings of the script
     * @param sessions of the tenant, of some ten events each
     * @param until when they end
     */
    static void fill(Connection connection, int sessions, int days, Instant until)
            throws SQLException, IOException {
        set(connection, "bench.sessions", Integer.toString(sessions));
        set(connection, "bench.days", Integer.toString(days));
        set(connection, "bench.until", until.toString());
        try (Statement statement = connection.createStatement()) {
            for (String part : script().split(";\\R\\R")) {
                statement.execute(part);
            }
        }
    }

    private static void set(Connection connection, String name, String value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT set_config(?, ?, false)")) {
            statement.setString(1, name);
            statement.setString(2, value);
            statement.execute();
        }
    }

    private static String script() throws IOException {
        try (InputStream in = BenchVault.class.getResourceAsStream(SCRIPT)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + SCRIPT);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
