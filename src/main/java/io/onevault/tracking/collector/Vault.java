package io.onevault.tracking.collector;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts questions to the vault's api, and sends on what it answers. */
final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    private final Database database;

    Vault(Database database) {
        this.database = database;
    }

    /**
     * Answers a request by the api.
     *
     * @throws Refused when the vault can't be asked
     */
    void answer(Question.Asked asked, Request request, Response response, Callback callback) {
        String answer = ask(asked);
        int status = status(answer);
        String told = status == 200 ? answer : withId(answer, Answers.requestId(request));
        send(response, callback, status, told.getBytes(StandardCharsets.UTF_8));
    }

    /** A refusal of the api, an object, as all refusals are. */
    private static String withId(String answer, String id) {
        return answer.substring(0, answer.length() - 1) + ", \"request_id\": \"" + id + "\"}";
    }

    static void send(Response response, Callback callback, int status, byte[] body) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(response, status, Answers.JSON_TYPE, body, callback);
    }

    private String ask(Question.Asked asked) {
        try {
            return database.ask(asked);
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    /** What is told of a question that failed. */
    static Refused refused(SQLException failure) {
        String state = failure.getSQLState();
        // Class 22: an argument of its own that is no number or day.
        if (state != null && state.startsWith("22")) {
            return Refused.because(400, "INVALID_ARGUMENT", "A parameter can't be read.");
        }
        if (!(failure instanceof SQLTransientException)) {
            LOG.warn("The vault refuses a question, SQLSTATE {}", state);
        }
        return Refused.later("DATABASE_UNREACHABLE", "The vault can't be asked now.");
    }

    /** The api tells success in its answer, {@code success} being the last of its members. */
    private static int status(String answer) {
        if (answer.endsWith("\"success\": true}")) {
            return 200;
        }
        return answer.contains("\"error_code\": \"INTERNAL_ERROR\"") ? 500 : 400;
    }
}
