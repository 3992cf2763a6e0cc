package io.onevault.tracking.collector;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.onevault.tracking.access.DatabaseAccess;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens pools of connections to the vault. */
final class Connections {

    static final Duration CONNECT = Duration.ofSeconds(3);

    private Connections() {}

    /**
     * A pool; it is opened without the database, too.
     *
     * @param most connections that it has
     * @param patience with a statement
     */
    static HikariDataSource open(DatabaseAccess access, int most, Duration patience) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(access.openUrl());
        access.properties().forEach((name, value) -> set(source, name, value));
        source.setApplicationName("site-tracking collector");
        source.setConnectTimeout((int) CONNECT.toSeconds());
        source.setCancelSignalTimeout((int) CONNECT.toSeconds());
        source.setSocketTimeout((int) patience.plus(CONNECT).toSeconds());
        source.setOptions("-c statement_timeout=" + patience.toMillis());
        source.setTcpKeepAlive(true);
        HikariConfig configuration = new HikariConfig();
        configuration.setDataSource(source);
        configuration.setMaximumPoolSize(most);
        configuration.setMinimumIdle(1);
        configuration.setConnectionTimeout(CONNECT.toMillis());
        configuration.setInitializationFailTimeout(-1);
        return new HikariDataSource(configuration);
    }

    private static void set(PGSimpleDataSource source, Object name, Object value) {
        try {
            source.setProperty((String) name, (String) value);
        } catch (SQLException e) {
            throw new IllegalArgumentException("the driver knows no property " + name, e);
        }
    }
}
