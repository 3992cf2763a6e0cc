package io.onevault.tracking.migrate;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database of {@link TestPostgres}; every call uses a connection of its own. */
public record TestDatabase(String url) {

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** The same database behind another port of this machine. */
    public TestDatabase through(int port) {
        return new TestDatabase(url.replaceFirst("127\\.0\\.0\\.1:\\d+", "127.0.0.1:" + port));
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of all rows. */
    public List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    public long number(String query) throws SQLException {
        return Long.parseLong(texts(query).get(0));
    }

    public void migrate() throws SQLException, MigrationException {
        try (Connection connection = connect()) {
            Migration.apply(connection, applied -> {});
        }
    }
}
