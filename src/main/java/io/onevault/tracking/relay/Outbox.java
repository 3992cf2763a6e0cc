package io.onevault.tracking.relay;

import io.onevault.tracking.program.Version;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database's side of the relay: the outbox, and the heartbeat row whose lock makes one relay at
 * a time the one at work. All but {@link #connect} and {@link #isIdle} happens in a transaction
 * that {@link #commit} ends.
 */
final class Outbox implements AutoCloseable {

    /** The outbox is read by its key: what statistics say of it is wrong most of the time. */
    private static final String BY_KEY = "SET enable_seqscan = off; SET enable_bitmapscan = off";

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

    /** Tenants that have events, from one on, each found by one step through the key. */
    private static final String TENANTS =
            """
            WITH RECURSIVE tenants AS (
                (SELECT tenant_hk
                   FROM raw.site_tracking_outbox_r
                  WHERE tenant_hk > ?
                  ORDER BY tenant_hk, outbox_id
                  LIMIT 1)
                UNION ALL
                SELECT following.tenant_hk
                  FROM tenants
                 CROSS JOIN LATERAL (SELECT events.tenant_hk
                                       FROM raw.site_tracking_outbox_r AS events
                                      WHERE events.tenant_hk > tenants.tenant_hk
                                      ORDER BY events.tenant_hk, events.outbox_id
                                      LIMIT 1) AS following)
            SELECT tenant_hk
              FROM tenants
             LIMIT ?""";

    private static final String READ =
            """
            SELECT turns.place, events.outbox_id, events.record_key, events.payload
              FROM unnest(?::bytea[], ?::bigint[])
                   WITH ORDINALITY AS turns (tenant_hk, sent_id, place)
             CROSS JOIN LATERAL (SELECT outbox_id, record_key, payload
                                   FROM raw.site_tracking_outbox_r
                                  WHERE tenant_hk = turns.tenant_hk
                                    AND outbox_id > turns.sent_id
                                  ORDER BY outbox_id
                                  LIMIT ?) AS events
             ORDER BY turns.place, events.outbox_id""";

    private static final String DELETE =
            """
            DELETE FROM raw.site_tracking_outbox_r AS events
             USING unnest(?::bytea[], ?::bigint[]) AS sent (tenant_hk, outbox_id)
             WHERE events.tenant_hk = sent.tenant_hk
               AND events.outbox_id = sent.outbox_id""";

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

    private Outbox(Connection connection) {
        this.connection = connection;
    }

    static Outbox connect(RelaySettings settings) throws SQLException {
        Connection connection = open(settings, "site-tracking relay");
        Outbox outbox = new Outbox(connection);
        try {
            outbox.open();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return outbox;
    }

    /** A connection of the relay's login. */
    static Connection open(RelaySettings settings, String program) throws SQLException {
        // Not through DriverManager, which misses drivers of other class loaders.
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(settings.database().openUrl());
        Properties login = settings.database().properties();
        for (String name : login.stringPropertyNames()) {
            source.setProperty(name, login.getProperty(name));
        }
        source.setApplicationName(program);
        source.setConnectTimeout(10);
        source.setTcpKeepAlive(true);
        return source.getConnection();
    }

    private void open() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(BY_KEY);
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

    /** Tenants that have events, after the given one in the order of keys. */
    List<byte[]> tenants(byte[] after, int limit) throws SQLException {
        List<byte[]> tenants = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TENANTS)) {
            statement.setBytes(1, after);
            statement.setInt(2, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tenants.add(row.getBytes(1));
                }
            }
        }
        return tenants;
    }

    /** The oldest events of each turn's tenant after those that the turn has, in order. */
    List<OutboxEvent> read(List<Turn> turns, int limit) throws SQLException {
        byte[][] tenants = turns.stream().map(Turn::tenant).toArray(byte[][]::new);
        Long[] ids = turns.stream().map(Turn::lastId).toArray(Long[]::new);
        List<OutboxEvent> events = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setArray(1, connection.createArrayOf("bytea", tenants));
            statement.setArray(2, connection.createArrayOf("bigint", ids));
            statement.setInt(3, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    byte[] tenant = tenants[row.getInt(1) - 1];
                    byte[] key = utf8(row.getString(3));
                    events.add(new OutboxEvent(tenant, row.getLong(2), key, row.getBytes(4)));
                }
            }
        }
        return events;
    }

    private static byte @Nullable [] utf8(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    void delete(List<OutboxEvent> events) throws SQLException {
        byte[][] tenants = events.stream().map(OutboxEvent::tenant).toArray(byte[][]::new);
        Long[] ids = events.stream().map(OutboxEvent::id).toArray(Long[]::new);
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setArray(1, connection.createArrayOf("bytea", tenants));
            statement.setArray(2, connection.createArrayOf("bigint", ids));
            statement.executeUpdate();
        }
    }

    /** Gives a sign of life, unless one was given just now and nothing has changed. */
    void beat(boolean well) throws SQLException {
        update(well ? BEAT_WELL : BEAT_FAILING);
    }

    private void update(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, Version.ofThisBuild());
            statement.executeUpdate();
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
