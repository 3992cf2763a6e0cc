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
 * Does work that the database has until it is closed, part by part, each in a transaction of its
 * own. Of several relays one at a time has a part.
 */
final class PartByPart implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PartByPart.class);

    // -- configuration
    private final RelaySettings settings;
    private final String name;
    private final Work work;
    private final Duration poll;

    // -- runtime
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean failing;

    /** Does the next part, and tells whether there was one. */
    @FunctionalInterface
    private interface Work {
        boolean didSome(Connection connection) throws SQLException;
    }

    private PartByPart(RelaySettings settings, String name, Work work, Duration poll) {
        this.settings = settings;
        this.name = name;
        this.work = work;
        this.poll = poll;
    }

    /** The erasure of visitors that {@code api.forget_visitor} was asked for. */
    static PartByPart erasures(RelaySettings settings) {
        Work next = patiently("SELECT raw.site_tracking_erase_next()");
        return start(new PartByPart(settings, "erasures", next, Duration.ofSeconds(2)));
    }

    /** The removal of what tenants keep no longer. */
    static PartByPart retention(RelaySettings settings) {
        Work next = patiently("SELECT raw.site_tracking_expire_next()");
        return start(new PartByPart(settings, "retention", next, Duration.ofMinutes(10)));
    }

    /** The judgement of tenants' alerts, each once a minute. */
    static PartByPart alerts(RelaySettings settings) {
        Work next = calling("SELECT raw.site_tracking_judge_next()");
        return start(new PartByPart(settings, "alerts", next, Duration.ofSeconds(5)));
    }

    /** The calls of webhooks by which tenants are told of them. */
    static PartByPart calls(RelaySettings settings) {
        Work next = new AlertCalls(new Webhooks(settings.callsAnywhere()))::makeOne;
        return start(new PartByPart(settings, "calls", next, Duration.ofSeconds(2)));
    }

    /** Later servers have one for transactions, too, which ends the session. */
    private static final String NO_TIMEOUTS =
            "SELECT set_config(name, '0', false) FROM pg_settings"
                    + " WHERE name IN ('statement_timeout', 'transaction_timeout')";

    /** One whose part is as long as a day has events, whatever the login's statements may take. */
    private static Work patiently(String function) {
        Work next = calling(function);
        return connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(NO_TIMEOUTS);
            }
            return next.didSome(connection);
        };
    }

    /** A function of the database that answers NULL where there is nothing to do. */
    private static Work calling(String function) {
        return connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(function)) {
                row.next();
                return row.getString(1) != null;
            }
        };
    }

    /** In a thread of its own; a part that is under way when it is closed is rolled back. */
    private static PartByPart start(PartByPart part) {
        Thread thread = new Thread(part, part.name);
        thread.setDaemon(true);
        thread.start();
        return part;
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
        try (Connection connection = Outbox.open(settings, "site-tracking " + name)) {
            while (closing.getCount() > 0 && work.didSome(connection)) {
                failing = false;
            }
        } catch (SQLException e) {
            if (!failing) {
                LOG.warn("{} wait, the database fails: {}", name, e.getMessage());
            }
            failing = true;
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
