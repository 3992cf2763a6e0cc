package io.onevault.tracking.collector;

import com.zaxxer.hikari.HikariDataSource;
import io.onevault.tracking.access.DatabaseAccess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls the api's functions, on connections of its own. */
final class Database implements AutoCloseable {

    /** How long a question may take. */
    static final Duration ANSWER = Duration.ofSeconds(60);

    private static final int LINES_AT_ONCE = 500;

    private final HikariDataSource pool;

    /**
     * @param connections one for each question that is asked at once
     */
    Database(DatabaseAccess access, int connections) {
        pool = Connections.open(access, connections, ANSWER);
    }

    /**
     * Calls a function of the api.
     *
     * @param begun is told of the statement, so that it can be cancelled
     * @return its answer, a JSON object
     */
    String ask(Question.Asked question, Consumer<Statement> begun) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = prepare(connection, question)) {
            begun.accept(statement);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
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

    /** Calls a function of the api that answers line by line, and tells each as it comes. */
    void lines(Question.Asked question, Consumer<Statement> begun, Lines lines)
            throws SQLException, IOException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = prepare(connection, question)) {
            begun.accept(statement);
            // Else the driver would read all of them first.
            connection.setAutoCommit(false);
            statement.setFetchSize(LINES_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
            connection.commit();
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
