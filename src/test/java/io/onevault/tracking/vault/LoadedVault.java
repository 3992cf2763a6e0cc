package io.onevault.tracking.vault;

import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A fresh vault that tests load through one connection, as a sink does. */
final class LoadedVault {

    private static final String TABLES =
            """
            SELECT oid::regclass::text
              FROM pg_class
             WHERE relkind IN ('r', 'p')
               AND NOT relispartition
               AND relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
             ORDER BY 1""";

    private final TestDatabase database;
    private final Connection connection;

    LoadedVault(TestPostgres postgres) throws SQLException {
        database = postgres.vault();
        connection = database.connect();
    }

    <T> void write(Loader<T> loader, List<T> batch) throws SQLException {
        write(loader, connection, batch);
    }

    static <T> void write(Loader<T> loader, Connection connection, List<T> batch)
            throws SQLException {
        loader.write(connection, batch);
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** All rows of all tables, as another connection sees them. */
    List<String> rows() throws SQLException {
        List<String> tables = new ArrayList<>();
        for (String table : database.texts(TABLES)) {
            tables.add("SELECT '" + table + " ' || t::text FROM " + table + " t");
        }
        return database.texts(String.join(" UNION ALL ", tables) + " ORDER BY 1");
    }

    long count(Table table) throws SQLException {
        return database.number("SELECT count(*) FROM " + table.name());
    }

    TestDatabase database() {
        return database;
    }

    Connection connection() {
        return connection;
    }

    void close() throws SQLException {
        connection.close();
    }
}
