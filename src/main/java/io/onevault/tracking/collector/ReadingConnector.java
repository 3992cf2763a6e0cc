package io.onevault.tracking.collector;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.util.thread.TryExecutor;

/**
 * Listens. A connection whose request was answered goes on by the thread that reads it: Jetty would
 * have a third one look for the next request, which is hardly ever there yet, and wake that thread.
 */
final class ReadingConnector extends ServerConnector {

    private final Map<ManagedSelector, ReadingThread> threads = new ConcurrentHashMap<>();

    /** A connection's end here, and who reads it. */
    private static final class ReadEndPoint extends SocketChannelEndPoint {

        private final ReadingThread thread;

        private ReadEndPoint(
                SocketChannel channel,
                ManagedSelector selector,
                SelectionKey key,
                Scheduler scheduler,
                ReadingThread thread) {
            super(channel, selector, key, scheduler);
            this.thread = thread;
        }
    }

    /** Leaves to the pool all but connections that go on. */
    private record GoingOn(TryExecutor pool) implements TryExecutor {

        @Override
        public void execute(Runnable task) {
            if (task instanceof Connection connection) {
                thread(connection, pool).execute(task);
            } else {
                pool.execute(task);
            }
        }

        @Override
        public boolean tryExecute(Runnable task) {
            return pool.tryExecute(task);
        }
    }

    ReadingConnector(Server server, ConnectionFactory http) {
        super(
                server,
                new GoingOn(TryExecutor.asTryExecutor(server.getThreadPool())),
                null,
                null,
                -1,
                -1,
                http);
    }

    /** The thread that reads the connection of a request, to answer it by; its own without one. */
    static Executor thread(Request request) {
        return thread(request.getConnectionMetaData().getConnection(), Runnable::run);
    }

    private static Executor thread(Connection connection, Executor other) {
        EndPoint end = connection.getEndPoint();
        return end instanceof ReadEndPoint read ? read.thread : other;
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(
            SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        ReadingThread thread =
                threads.computeIfAbsent(selector, of -> new ReadingThread(of::submit));
        ReadEndPoint made = new ReadEndPoint(channel, selector, key, getScheduler(), thread);
        made.setIdleTimeout(getIdleTimeout());
        return made;
    }
}
