package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.CyclicTimeout;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections whose next request's head trickles. To Jetty each byte of one is a sign of
 * life, and its least rates count for bodies and answers only.
 */
final class HeadDeadline extends Handler.Wrapper implements Connection.Listener {

    private final Duration patience;
    private final Scheduler scheduler;
    private final Map<Connection, Deadline> deadlines = new ConcurrentHashMap<>();

    /** When a connection is looked at: a head that is under way twice in a row is too slow. */
    private final class Deadline extends CyclicTimeout {

        private final Connection connection;
        private boolean isServed;
        private boolean isUnderWay;
        private long bytesBefore;

        private Deadline(Connection connection) {
            super(scheduler);
            this.connection = connection;
        }

        private synchronized void begin() {
            if (!connection.getEndPoint().isOpen()) {
                return;
            }
            isServed = false;
            isUnderWay = false;
            bytesBefore = connection.getBytesIn();
            schedule(patience.toMillis(), TimeUnit.MILLISECONDS);
        }

        private synchronized void end() {
            isServed = true;
            cancel();
        }

        @Override
        public synchronized void onTimeoutExpired() {
            if (isServed) {
                return;
            }
            if (isUnderWay) {
                connection.getEndPoint().close();
                return;
            }
            // Or else it is idle, and ended as such.
            isUnderWay = connection.getBytesIn() != bytesBefore;
            schedule(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * @param patience how long a head may be on its way at least; twice that at most
     */
    HeadDeadline(Duration patience, Scheduler scheduler, Handler doors) {
        super(doors);
        this.patience = patience;
        this.scheduler = scheduler;
    }

    @Override
    public void onOpened(Connection connection) {
        Deadline deadline = new Deadline(connection);
        deadlines.put(connection, deadline);
        deadline.begin();
    }

    @Override
    public void onClosed(Connection connection) {
        Deadline deadline = deadlines.remove(connection);
        if (deadline != null) {
            deadline.end();
            deadline.destroy();
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Deadline deadline = deadlines.get(request.getConnectionMetaData().getConnection());
        if (deadline != null) {
            deadline.end();
            Request.addCompletionListener(request, failure -> deadline.begin());
        }
        return super.handle(request, response, callback);
    }
}
