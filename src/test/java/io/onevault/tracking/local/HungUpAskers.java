package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Some who ask at once for what another one holds, and hang up; and some who wait for it. */
final class HungUpAskers {

    /** Those of a tenant that asks alone. */
    private static final int TURNS = 6;

    private static final String HELD = "LOCK TABLE raw.site_tracking_erased_r";
    private static final String NEXT =
            "GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    private final CollectorStack stack;
    private final String question;
    private final List<Socket> sockets = new ArrayList<>();

    HungUpAskers(CollectorStack stack, String reader) {
        this.stack = stack;
        question =
                "GET /read/ledger HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n"
                        .formatted(reader);
    }

    /** Who waits has asked first, and would be the first for whom it takes too long. */
    void freeTheirTurns(String reader) throws Exception {
        try (Connection holder = stack.database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute(HELD);
            Socket eager = ask(question + NEXT);
            Socket patient = ask(question);
            stack.database.awaitWaiting(2);
            List<Socket> gone = List.of(ask(question), ask(question), ask(question));
            Socket half = ask(question);
            stack.database.awaitWaiting(TURNS);

            send(patient, NEXT);
            for (Socket socket : gone) {
                socket.close();
            }
            half.shutdownOutput();

            stack.database.awaitWaiting(2);
            assertThat(half.getInputStream().read()).isNegative();
            assertThat(stack.get("/read/settings", reader).statusCode()).isEqualTo(200);
            holder.rollback();
            assertBothAnswered(eager);
            assertBothAnswered(patient);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private Socket ask(String requests) throws IOException {
        Socket socket = new Socket("127.0.0.1", stack.port());
        sockets.add(socket);
        socket.setSoTimeout(60_000 * Integer.getInteger("wait.minutes", 3));
        send(socket, requests);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static void assertBothAnswered(Socket socket) throws IOException {
        String answers = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);

        assertThat(answers.split("HTTP/1\\.1 200 ", -1)).as(answers).hasSize(3);
        assertThat(answers).contains("\"success\": true").contains("{\"status\":\"UP\"}");
    }
}
