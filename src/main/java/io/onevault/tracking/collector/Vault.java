package io.onevault.tracking.collector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts questions to the vault's api when it is their turn, and sends on what it answers. */
final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    /** PostgreSQL's for a statement that was stopped. */
    private static final String STOPPED = "57014";

    private static final long LOOK_SECONDS = 1;

    private final Database database;
    private final Turns turns;
    private final ScheduledExecutorService watch;
    private final CollectorMetrics metrics;

    /** Asks, and tells how to answer. */
    private interface Asking {
        Runnable ask(Asker asker) throws SQLException, IOException;
    }

    /**
     * @param watch looks whether the askers are still there; closed by who made it
     */
    Vault(
            Database database,
            Turns turns,
            ScheduledExecutorService watch,
            CollectorMetrics metrics) {
        this.database = database;
        this.turns = turns;
        this.watch = watch;
        this.metrics = metrics;
    }

    /**
     * Answers a request by the api.
     *
     * @param asked is worked out in the turn, too
     */
    void answer(Site site, Supplier<Question.Asked> asked, Exchange exchange) {
        inTurn(
                site,
                exchange,
                asker -> {
                    String answer = database.ask(asked.get(), asker::waitsFor);
                    return () -> send(exchange, answer);
                });
    }

    /** Does in a turn what takes a while, so that it holds up nobody else, and then goes on. */
    void first(Site site, Runnable slow, Runnable then, Exchange exchange) {
        inTurn(
                site,
                exchange,
                asker -> {
                    slow.run();
                    return () -> {
                        try {
                            then.run();
                        } catch (RuntimeException e) {
                            fail(exchange, e);
                        }
                    };
                });
    }

    /** Answers a request by what the api tells line by line. */
    void answerLines(Site site, Question.Asked noted, Question.Asked asked, Exchange exchange) {
        inTurn(
                site,
                exchange,
                asker -> {
                    // Who hangs up in the midst of the lines has some of them.
                    database.ask(noted, asker::waitsFor);
                    Lines lines = new Lines(exchange.response());
                    database.lines(asked, asker::waitsFor, lines);
                    String refusal = lines.end();
                    return refusal == null
                            ? exchange.callback()::succeeded
                            : () -> send(exchange, refusal);
                });
    }

    private void inTurn(Site site, Exchange exchange, Asking asking) {
        // It is us whom the request waits for.
        exchange.request().addIdleTimeoutListener(timeout -> false);
        Asker asker = new Asker(exchange.request().getConnectionMetaData().getConnection());
        Future<?> looking =
                watch.scheduleWithFixedDelay(
                        asker::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        Consumer<Runnable> end =
                answer -> {
                    looking.cancel(false);
                    if (asker.leave()) {
                        answer.run();
                    } else {
                        exchange.callback().failed(new EofException("nobody waits any more"));
                    }
                };
        turns.take(
                site.party(),
                () -> end.accept(answer(exchange, asker, asking)),
                refused -> end.accept(() -> fail(exchange, refused)));
    }

    private Runnable answer(Exchange exchange, Asker asker, Asking asking) {
        try {
            return asker.hasHungUp() ? () -> {} : asking.ask(asker);
        } catch (SQLException e) {
            return () -> fail(exchange, refused(e));
        } catch (IOException e) {
            return () -> exchange.callback().failed(e);
        } catch (Throwable e) {
            // An error, too, or else nobody would be answered nor told.
            return () -> fail(exchange, e);
        }
    }

    /** Answers what went wrong; what has begun can only be cut. */
    void fail(Exchange exchange, Throwable failure) {
        if (exchange.response().isCommitted()) {
            exchange.callback().failed(failure);
        } else {
            Answers.fail(exchange, failure, metrics);
        }
    }

    private static void send(Exchange exchange, String answer) {
        int status = status(answer);
        if (status == 200) {
            send(exchange, status, answer.getBytes(StandardCharsets.UTF_8));
        } else {
            send(exchange, new Refusal(status, answer));
        }
    }

    static void send(Exchange exchange, Refusal refusal) {
        String told = refusal.to(exchange.request()).body();
        send(exchange, refusal.status(), told.getBytes(StandardCharsets.UTF_8));
    }

    static void send(Exchange exchange, int status, byte[] body) {
        exchange.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(exchange.response(), status, Answers.JSON_TYPE, body, exchange.callback());
    }

    /** What is told of a question that failed. */
    private static Refused refused(SQLException failure) {
        Refused lasting = lasting(failure);
        if (lasting != null) {
            return lasting;
        }
        if (!(failure instanceof SQLTransientException)) {
            LOG.warn("The vault refuses a question, SQLSTATE {}", failure.getSQLState());
        }
        return Refused.later("DATABASE_UNREACHABLE", "The vault can't be asked now.");
    }

    /** What is told of a question that would fail again; null of others. */
    static @Nullable Refused lasting(SQLException failure) {
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
        return null;
    }

    /** The api tells success in its answer, {@code success} being the last of its members. */
    static int status(String answer) {
        if (answer.endsWith("\"success\": true}")) {
            return 200;
        }
        return answer.contains("\"error_code\": \"INTERNAL_ERROR\"") ? 500 : 400;
    }
}
