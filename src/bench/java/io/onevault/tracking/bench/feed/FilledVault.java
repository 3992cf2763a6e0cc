package io.onevault.tracking.bench.feed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/** Fills a vault with generated sessions and their events, by SQL alone. */
public final class FilledVault {

    /** The tenant that has the sessions; another one, {@code other}, has a fiftieth more. */
    static final String TENANT = "bench";

    private static final String VAULT = "/bench/vault.sql";
    private static final String LAYERS = "/bench/layers.sql";

    private static final int EVENTS_PER_SESSION = 10;

    private FilledVault() {}

    /**
     * Fills an empty vault with what analytics reads.
     *
     * @param connection in auto-commit mode; keeps settings of the script
     * @param sessions of the tenant, of some ten events each
     * @param until when they end
     */
    public static void fill(Connection connection, int sessions, int days, Instant until)
            throws SQLException, IOException {
        set(connection, "bench.layers", "business");
        draw(connection, sessions, days, until);
        drop(connection);
    }

    /** Fills all layers of an empty vault with so many events, more or less. */
    static void fillAll(Connection connection, int events, int days, Instant until)
            throws SQLException, IOException {
        set(connection, "bench.layers", "all");
        draw(connection, Math.max(1, events / EVENTS_PER_SESSION), days, until);
        execute(connection, LAYERS);
        drop(connection);
    }

    private static void draw(Connection connection, int sessions, int days, Instant until)
            throws SQLException, IOException {
        set(connection, "bench.sessions", Integer.toString(sessions));
        set(connection, "bench.days", Integer.toString(days));
        set(connection, "bench.until", until.toString());
        execute(connection, VAULT);
    }

    private static void execute(Connection connection, String script)
            throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            for (String part : text(script).split(";\\R\\R")) {
                statement.execute(part);
            }
        }
    }

    private static void drop(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE drawn_sessions, drawn_events");
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

    private static String text(String script) throws IOException {
        try (InputStream in = FilledVault.class.getResourceAsStream(script)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + script);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
