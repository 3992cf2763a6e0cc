package io.onevault.tracking.collector;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts questions to the vault's api when it is their turn, and sends on what it answers. */
final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    private static final String LINES = "application/x-ndjson";

    /** PostgreSQL's for a statement that was stopped. */
    private static final String STOPPED = "57014";

    private final Database database;
    private final Turns turns;
    private final CollectorMetrics metrics;

    Vault(Database database, Turns turns, CollectorMetrics metrics) {
        this.database = database;
        this.turns = turns;
        this.metrics = metrics;
    }

    /** Answers a request by the api. */
    void answer(
            Site site,
            Question.Asked asked,
            Request request,
            Response response,
            Callback callback) {
        inTurn(
                site,
                request,
                response,
                callback,
                () -> {
                    String answer = ask(asked);
                    int status = status(answer);
                    String told =
                            status == 200 ? answer : withId(answer, Answers.requestId(request));
                    send(response, callback, status, told.getBytes(StandardCharsets.UTF_8));
                });
    }

    /** Answers a request by what the api tells line by line. */
    void answerLines(
            Site site,
            Question.Asked asked,
            Request request,
            Response response,
            Callback callback) {
        inTurn(
                site,
                request,
                response,
                callback,
                () -> {
                    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
                    response.getHeaders().put(HttpHeader.CONTENT_TYPE, LINES);
                    sendLines(asked, response, callback);
                });
    }

    private void sendLines(Question.Asked asked, Response response, Callback callback) {
        try {
            // Not closed after a failure: that would end the answer as if it were whole.
            OutputStream out = Content.Sink.asOutputStream(response);
            database.lines(asked, out);
            out.close();
            callback.succeeded();
        } catch (SQLException e) {
            throw refused(e);
        } catch (IOException e) {
            callback.failed(e);
        }
    }

    private void inTurn(
            Site site, Request request, Response response, Callback callback, Runnable work) {
        // It is us whom the request waits for.
        request.addIdleTimeoutListener(timeout -> false);
        turns.take(
                site.party(),
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        fail(request, response, callback, e);
                    }
                },
                refused -> fail(request, response, callback, refused));
    }

    /** Answers what went wrong; what has begun can only be cut. */
    void fail(Request request, Response response, Callback callback, RuntimeException failure) {
        if (response.isCommitted()) {
            callback.failed(failure);
        } else {
            metrics.refused(Answers.fail(request, response, callback, failure));
        }
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
        if (STOPPED.equals(state)) {
            return Refused.because(
                    504,
                    "QUESTION_TOO_LONG",
                    "This takes more than "
                            + Database.ANSWER.toSeconds()
                            + " s; ask for less, such as fewer days.");
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
