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
 * Has work of the database carried out until it is closed, part by part, each in a transaction of
 * its own. Of several relays one at a time has a part.
 */
final class PartByPart implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PartByPart.class);

    // -- configuration
    private final RelaySettings settings;
    private final String name;
    private final String next;
    private final Duration poll;

    // -- runtime
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean failing;

    private PartByPart(RelaySettings settings, String name, String next, Duration poll) {
        this.settings = settings;
        this.name = name;
        this.next = next;
        this.poll = poll;
    }

    /** The erasure of visitors that {@code api.forget_visitor} was asked for. */
    static PartByPart erasures(RelaySettings settings) {
        String next = "SELECT raw.site_tracking_erase_next()";
        return start(new PartByPart(settings, "erasures", next, Duration.ofSeconds(2)));
    }

    /** The removal of what tenants keep no longer. */
    static PartByPart retention(RelaySettings settings) {
        String next = "SELECT raw.site_tracking_expire_next()";
        return start(new PartByPart(settings, "retention", next, Duration.ofMinutes(10)));
    }

    /** In a thread of its own; a part that is under way when it is closed is rolled back. */
    private static PartByPart start(PartByPart work) {
        Thread thread = new Thread(work, work.name);
        thread.setDaemon(true);
        thread.start();
        return work;
    }

    @Override
    public void run() {
        try {
            do {
                work();
            } while (!closing.await(poll.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until nothing is left to do. */
    private void work() {
        try (Connection connection = Outbox.open(settings, "site-tracking " + name);
                Statement statement = connection.createStatement()) {
            while (closing.getCount() > 0 && didSome(statement)) {
                failing = false;
            }
        } catch (SQLException e) {
            if (!failing) {
                LOG.warn("{} wait, the database fails: {}", name, e.getMessage());
            }
            failing = true;
        }
    }

    private boolean didSome(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(next)) {
            row.next();
            return row.getString(1) != null;
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
