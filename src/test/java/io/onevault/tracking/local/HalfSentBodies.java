package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Connections on which a body of 1 MiB is told and its end does not come. */
final class HalfSentBodies implements AutoCloseable {

    private static final int TOLD = 1024 * 1024;
    private static final int LEFT = 100;

    private final int port;
    private final String key;
    private final List<Socket> sockets = new ArrayList<>();

    HalfSentBodies(int port, String key) {
        this.port = port;
        this.key = key;
    }

    /** Sends nearly all of another one. */
    Socket add(String address) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        sockets.add(socket);
        socket.setSoTimeout(60_000 * Integer.getInteger("wait.minutes", 3));
        String head =
                "POST /in?key=%s HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: %s\r\nContent-Length: %d\r\n"
                        .formatted(key, address, TOLD);
        // What a client that waits for it is told once the collector begins to read.
        send(socket, head + "Expect: 100-continue\r\n\r\n");
        return socket;
    }

    /** Adds one that the collector reads. */
    Socket addTaken(String address) throws IOException {
        Socket socket = add(address);
        assertThat(line(socket)).isEqualTo("HTTP/1.1 100 Continue");
        socket.getInputStream().skipNBytes("\n\r\n".length());
        send(socket, " ".repeat(TOLD - LEFT));
        return socket;
    }

    /** The first line of an answer. */
    static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = socket.getInputStream().read();
                next >= 0 && next != '\r';
                next = socket.getInputStream().read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
