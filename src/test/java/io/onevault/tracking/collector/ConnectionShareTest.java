package io.onevault.tracking.collector;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many connections an address may have. */
final class ConnectionShareTest {

    private static final int MOST = 3;
    private static final String PROXY = "127.0.0.9";

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        connector.setHost("0.0.0.0");
        connector.addEventListener(
                new ConnectionShare(MOST, peer -> peer.getHostAddress().equals(PROXY)));
        server.addConnector(connector);
        server.setHandler(
                new Handler.Abstract() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback) {
                        callback.succeeded();
                        return true;
                    }
                });
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.stop();
    }

    @Test
    void anAddressLeavesConnectionsToOthers() throws Exception {
        for (int i = 0; i < MOST; i++) {
            assertThat(isServed("127.0.0.2")).isTrue();
        }
        assertThat(isServed("127.0.0.2")).isFalse();
        assertThat(isServed("127.0.0.3")).as("another address").isTrue();
        for (int i = 0; i <= MOST; i++) {
            assertThat(isServed(PROXY)).as("a proxy").isTrue();
        }

        sockets.get(0).close();
        while (!isServed("127.0.0.2")) {
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    /** Opens a connection that stays, and asks something. */
    private boolean isServed(String from) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(60_000);
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress("127.0.0.1", connector.getLocalPort()));
        try {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
            return socket.getInputStream().read() == 'H';
        } catch (SocketException closed) {
            return false;
        }
    }
}
