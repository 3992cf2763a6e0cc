package io.onevault.tracking.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between two programs that can be cut: then nothing arrives any more, new connections
 * are refused, and those that were there break when it is mended.
 */
final class TcpProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    /**
     * @param target port on 127.0.0.1 that connections are passed on to
     */
    TcpProxy(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start("accept", this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void cut() {
        cut = true;
    }

    void mend() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        cut = false;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (cut) {
                    client.close();
                } else {
                    connect(client);
                }
            } catch (IOException closedOrRefused) {
                // The client notices by itself.
                continue;
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket target = new Socket();
        try {
            target.connect(new InetSocketAddress("127.0.0.1", this.target));
        } catch (IOException down) {
            client.close();
            throw down;
        }
        client.setTcpNoDelay(true);
        target.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(target);
        start("to", () -> pass(client, target));
        start("fro", () -> pass(target, client));
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                // What arrives during a cut is lost, and with it the connection.
                if (!cut) {
                    out.write(buffer, 0, length);
                    out.flush();
                } else {
                    awaitMending();
                    return;
                }
            }
        } catch (IOException broken) {
            return;
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitMending() {
        while (cut) {
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        mend();
    }
}
