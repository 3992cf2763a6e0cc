package io.onevault.tracking.relay;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database's side of the relay: the outbox, and the heartbeat row whose lock makes one relay at
 * a time the one at work. All but {@link #connect}, {@link #await} and {@link #isIdle} happens in a
 * transaction that {@link #commit} ends.
 */
final class Outbox implements AutoCloseable {

    private static final String LISTEN = "LISTEN site_tracking_outbox";

    private static final String MAKE_HEARTBEAT =
            """
            INSERT INTO raw.site_tracking_heartbeat_r (program, part, beat_at, version, record_source)
            VALUES ('RELAY', '', now(), ?, 'site-tracking-relay')
            ON CONFLICT DO NOTHING""";

    private static final String IS_IDLE =
            """
            SELECT NOT EXISTS (SELECT FROM raw.site_tracking_outbox_r)
               AND beat_at > now() - INTERVAL '10 seconds'
              FROM raw.site_tracking_heartbeat_r
             WHERE program = 'RELAY' AND part = ''""";

    private static final String LOCK =
            """
            SELECT
              FROM raw.site_tracking_heartbeat_r
             WHERE program = 'RELAY' AND part = ''
               FOR UPDATE SKIP LOCKED""";

    private static final String READ =
            """
            SELECT outbox_id, record_key, payload
              FROM raw.site_tracking_outbox_r
             ORDER BY outbox_id
             LIMIT ?""";

    private static final String DELETE =
            "DELETE FROM raw.site_tracking_outbox_r WHERE outbox_id = ANY (?)";

    private static final String BEAT_WELL =
            """
            UPDATE raw.site_tracking_heartbeat_r
               SET beat_at = now(), failing_since = NULL, version = ?
             WHERE program = 'RELAY' AND part = ''
               AND (failing_since IS NOT NULL OR beat_at < now() - INTERVAL '5 seconds')""";

    private static final String BEAT_FAILING =
            """
            UPDATE raw.site_tracking_heartbeat_r
               SET beat_at = now(), failing_since = coalesce(failing_since, now()), version = ?
             WHERE program = 'RELAY' AND part = ''""";

    private final Connection connection;
    private final String version;

    private Outbox(Connection connection, String version) {
        this.connection = connection;
        this.version = version;
    }

    static Outbox connect(RelaySettings settings, String version) throws SQLException {
        // Not through DriverManager, which misses drivers of other class loaders.
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(settings.database().openUrl());
        Properties login = settings.database().properties();
        for (String name : login.stringPropertyNames()) {
            source.setProperty(name, login.getProperty(name));
        }
        source.setApplicationName("site-tracking relay");
        source.setConnectTimeout(10);
        source.setTcpKeepAlive(true);
        Connection connection = source.getConnection();
        Outbox outbox = new Outbox(connection, version);
        try {
            outbox.open();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return outbox;
    }

    private void open() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(LISTEN);
        }
        update(MAKE_HEARTBEAT);
        connection.setAutoCommit(false);
    }

    /** Whether there is nothing to send and no sign of life due. */
    boolean isIdle() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IS_IDLE)) {
            boolean idle = row.next() && row.getBoolean(1);
            connection.rollback();
            return idle;
        }
    }

    /** Makes this relay the one at work until the transaction ends; false when another one is. */
    boolean lock() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LOCK)) {
            return row.next();
        }
    }

    /** The oldest events, in order. */
    List<OutboxEvent> read(int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setInt(1, limit);
            List<OutboxEvent> events = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    byte[] key = utf8(row.getString(2));
                    events.add(new OutboxEvent(row.getLong(1), key, row.getBytes(3)));
                }
            }
            return events;
        }
    }

    private static byte @Nullable [] utf8(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    void delete(List<OutboxEvent> events) throws SQLException {
        Long[] ids = events.stream().map(OutboxEvent::id).toArray(Long[]::new);
        Array array = connection.createArrayOf("bigint", ids);
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setArray(1, array);
            statement.executeUpdate();
        }
        array.free();
    }

    /** Gives a sign of life, unless one was given just now and nothing has changed. */
    void beat(boolean well) throws SQLException {
        update(well ? BEAT_WELL : BEAT_FAILING);
    }

    private void update(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, version);
            statement.executeUpdate();
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** Waits until events were tracked, at most for the given time. */
    void await(Duration atMost) throws SQLException {
        int millis = Math.toIntExact(Math.max(1, atMost.toMillis()));
        connection.unwrap(PGConnection.class).getNotifications(millis);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
