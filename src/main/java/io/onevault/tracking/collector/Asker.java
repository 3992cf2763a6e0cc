package io.onevault.tracking.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.sql.Statement;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who waits for the answer to a question. For one who hangs up the database is stopped, so that the
 * turn is free.
 *
 * <p>Jetty reads nothing of a connection while its request is being answered, and does not see its
 * end. What comes in place of an end is the next request, which is given back: behind it no end is
 * looked for. Who shuts down the sending side only counts as gone, as with other servers.
 */
final class Asker {

    private static final Logger LOG = LoggerFactory.getLogger(Asker.class);

    private final Connection connection;
    private boolean isWatched;
    private boolean hasHungUp;
    private @Nullable Statement underWay;

    /**
     * @param connection of the request, all of which was read
     */
    Asker(Connection connection) {
        this.connection = connection;
        isWatched = !hasNextRequest();
    }

    private boolean hasNextRequest() {
        ByteBuffer next = ((Connection.UpgradeFrom) connection).onUpgradeFrom();
        if (next == null) {
            return false;
        }
        giveBack(next);
        return true;
    }

    private void giveBack(ByteBuffer next) {
        ((Connection.UpgradeTo) connection).onUpgradeTo(next);
    }

    /** Tells what is to be stopped. */
    synchronized void waitsFor(Statement statement) {
        underWay = statement;
    }

    synchronized boolean hasHungUp() {
        return hasHungUp;
    }

    /** Looks whether it still waits; to be called now and then, as not every stop is heard. */
    synchronized void look() {
        if (isWatched && !hasHungUp) {
            read();
        }
        if (isWatched && hasHungUp && underWay != null) {
            stop(underWay);
        }
    }

    private void read() {
        ByteBuffer next = BufferUtil.allocate(1);
        try {
            int read = connection.getEndPoint().fill(next);
            hasHungUp = read < 0;
            if (read > 0) {
                giveBack(next);
                isWatched = false;
            }
        } catch (IOException e) {
            hasHungUp = true;
        }
    }

    private static void stop(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            LOG.debug("A question that nobody waits for can't be stopped", e);
        }
    }

    /**
     * Ends the watch, for whatever the connection brings from now on is not the asker's to read.
     *
     * @return whether it still waits; the connection of one that does not is closed
     */
    synchronized boolean leave() {
        isWatched = false;
        underWay = null;
        if (hasHungUp) {
            connection.getEndPoint().close();
        }
        return !hasHungUp;
    }
}
