package io.onevault.tracking.relay;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the erasure of visitors that {@code api.forget_visitor} was asked for, part by part,
 * each in a transaction of its own, until it is closed. Of several relays one at a time has a
 * request.
 */
final class Erasures implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);
    private static final Duration POLL = Duration.ofSeconds(2);
    private static final String NEXT = "SELECT raw.site_tracking_erase_next()";

    // -- configuration
    private final RelaySettings settings;

    // -- runtime
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean failing;

    private Erasures(RelaySettings settings) {
        this.settings = settings;
    }

    /** Starts in a thread of its own; a part that is under way when it is closed is rolled back. */
    static Erasures start(RelaySettings settings) {
        Erasures erasures = new Erasures(settings);
        Thread thread = new Thread(erasures, "erasures");
        thread.setDaemon(true);
        thread.start();
        return erasures;
    }

    @Override
    public void run() {
        try {
            while (!rest()) {
                work();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until nothing is to be erased. */
    private void work() {
        try (Connection connection = Outbox.open(settings, "site-tracking erasures");
                Statement next = connection.createStatement()) {
            while (closing.getCount() > 0 && didSome(next)) {
                failing = false;
            }
        } catch (SQLException e) {
            if (!failing) {
                LOG.warn("Erasures wait, the database fails: {}", e.getMessage());
            }
            failing = true;
        }
    }

    private static boolean didSome(Statement next) throws SQLException {
        try (ResultSet row = next.executeQuery(NEXT)) {
            row.next();
            return row.getString(1) != null;
        }
    }

    /** Whether it is closed meanwhile. */
    private boolean rest() throws InterruptedException {
        return closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
