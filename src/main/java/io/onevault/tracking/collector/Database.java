package io.onevault.tracking.collector;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.TimeZones;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
import org.postgresql.ds.PGSimpleDataSource;

/** Looks up keys and calls the api's functions, on a few connections that callers share. */
final class Database implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final String UTC = "UTC";
    private static final int LINES_AT_ONCE = 500;

    private static final String FIND_KEY =
            """
            SELECT tenant_bk, scope, allowed_origins, time_zone,
                   consent_policy, honour_gpc, honour_dnt, NULL::text, NULL::text
              FROM auth.site_tracking_key(?)
             UNION ALL
            SELECT tenant_bk, NULL, NULL, time_zone, NULL, NULL, NULL, filters::text, password_hash
              FROM auth.site_tracking_link(?)""";

    private static final String ADD_TURNED_AWAY = "SELECT auth.site_tracking_turned_away(?, ?, ?)";

    private final HikariDataSource pool;

    Database(DatabaseAccess access, int connections) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(access.openUrl());
        access.properties().forEach((name, value) -> set(source, name, value));
        source.setApplicationName("site-tracking collector");
        source.setConnectTimeout((int) CONNECT.toSeconds());
        source.setSocketTimeout((int) ANSWER.plus(CONNECT).toSeconds());
        source.setOptions("-c statement_timeout=" + ANSWER.toMillis());
        source.setTcpKeepAlive(true);
        HikariConfig configuration = new HikariConfig();
        configuration.setDataSource(source);
        configuration.setPoolName("collector");
        configuration.setMaximumPoolSize(connections);
        configuration.setMinimumIdle(1);
        configuration.setConnectionTimeout(CONNECT.toMillis());
        configuration.setInitializationFailTimeout(-1);
        this.pool = new HikariDataSource(configuration);
    }

    private static void set(PGSimpleDataSource source, Object name, Object value) {
        try {
            source.setProperty((String) name, (String) value);
        } catch (SQLException e) {
            throw new IllegalArgumentException("the driver knows no property " + name, e);
        }
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
                link(row.getString(8), row.getString(9)));
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

    /**
     * Calls a function of the api.
     *
     * @return its answer, a JSON object
     */
    String ask(Question.Asked question) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = prepare(connection, question);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static PreparedStatement prepare(Connection connection, Question.Asked question)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement("SELECT " + question.call());
        List<@Nullable String> arguments = question.arguments();
        for (int i = 0; i < arguments.size(); i++) {
            statement.setString(i + 1, arguments.get(i));
        }
        return statement;
    }

    /** Calls a function of the api that answers line by line, and writes each as it comes. */
    void lines(Question.Asked question, OutputStream out) throws SQLException, IOException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = prepare(connection, question)) {
            // Else the driver would read all of them first.
            connection.setAutoCommit(false);
            statement.setFetchSize(LINES_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    out.write(rows.getString(1).getBytes(StandardCharsets.UTF_8));
                    out.write('\n');
                }
            }
            connection.commit();
        }
    }

    /** Whether it answers now. */
    boolean isThere() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid((int) CONNECT.toSeconds());
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
