package io.onevault.tracking.collector;

import com.zaxxer.hikari.HikariDataSource;
import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.TimeZones;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What taking events needs of the database: looks up keys, and adds what was turned away. No
 * question gets its connections.
 */
final class KeyDatabase implements AutoCloseable {

    private static final int CONNECTIONS = LookupGate.STRANGERS_AT_ONCE + LookupGate.KNOWN_AT_ONCE;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String UTC = "UTC";

    private static final String FIND_KEY =
            """
            SELECT tenant_bk, scope, allowed_origins, time_zone,
                   consent_policy, honour_gpc, honour_dnt, NULL::text, NULL::text, key_id
              FROM auth.site_tracking_key(?)
             UNION ALL
            SELECT tenant_bk, NULL, NULL, time_zone, NULL, NULL, NULL, filters::text, password_hash, NULL
              FROM auth.site_tracking_link(?)""";

    private static final String ADD_TURNED_AWAY = "SELECT auth.site_tracking_turned_away(?, ?, ?)";

    private final HikariDataSource pool;

    KeyDatabase(DatabaseAccess access) {
        pool = Connections.open(access, CONNECTIONS, PATIENCE);
    }

    /** The site that a key or a link's token opens, by its SHA-256. */
    Optional<Site> findKey(byte[] keyHash) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(FIND_KEY)) {
            statement.setBytes(1, keyHash);
            statement.setBytes(2, keyHash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(site(row)) : Optional.empty();
            }
        }
    }

    private static Site site(ResultSet row) throws SQLException {
        List<String> granted = texts(row.getArray(2));
        Set<Site.Scope> scopes = EnumSet.noneOf(Site.Scope.class);
        for (Site.Scope scope : Site.Scope.values()) {
            if (granted.contains(scope.text())) {
                scopes.add(scope);
            }
        }
        ZoneId zone = TimeZones.of(row.getString(4));
        return new Site(
                row.getString(1),
                scopes,
                Set.copyOf(texts(row.getArray(3))),
                zone.equals(ZoneOffset.UTC) ? UTC : zone.getId(),
                new ConsentRules(
                        ConsentRules.Policy.named(row.getString(5)),
                        !Boolean.FALSE.equals(row.getObject(6, Boolean.class)),
                        row.getBoolean(7),
                        null),
                link(row.getString(8), row.getString(9)),
                row.getString(10));
    }

    private static Site.@Nullable Link link(
            @Nullable String filters, @Nullable String passwordHash) {
        return filters == null ? null : new Site.Link(filters, passwordHash);
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    /** Adds events that were turned away to those of their tenants' days. */
    void addTurnedAway(Map<TurnedAway.Day, Long> counts) throws SQLException {
        List<TurnedAway.Day> days = List.copyOf(counts.keySet());
        Object[] tenants = days.stream().map(TurnedAway.Day::tenantBk).toArray();
        Object[] dates = days.stream().map(TurnedAway.Day::date).toArray();
        Object[] events = days.stream().map(counts::get).toArray();
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(ADD_TURNED_AWAY)) {
            statement.setArray(1, connection.createArrayOf("text", tenants));
            statement.setArray(2, connection.createArrayOf("date", dates));
            statement.setArray(3, connection.createArrayOf("bigint", events));
            statement.execute();
        }
    }

    /** Whether it answers now. */
    boolean isThere() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid((int) Connections.CONNECT.toSeconds());
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
