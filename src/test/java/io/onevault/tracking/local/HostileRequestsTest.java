package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.collector.CollectorSettings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hostile request gets the one answer that it deserves, in the form of all, and no other. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileRequestsTest {

    private static final int WAIT_MILLIS = 60_000 * Integer.getInteger("wait.minutes", 3);

    private static final String OK = "HTTP/1.1 200";

    private CollectorStack stack;
    private String browser;
    private String bound;
    private String server;
    private String reader;
    private List<String> documented;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        CollectorSettings.Limits limits =
                new CollectorSettings.Limits(
                        100_000, 100_000, 100_000, 100_000, Duration.ofSeconds(2), 1 << 28);
        stack = new CollectorStack(postgres.vault(), limits);
        VaultRows.register(stack.database, "acme", "bound");
        stack.allowOrigin("bound", "https://shop.example.com");
        browser = stack.key("acme", "web", "browser");
        bound = stack.key("bound", "web", "browser");
        server = stack.key("acme", "server", "write");
        reader = stack.key("acme", "reader", "read");
        documented = Files.readAllLines(Path.of("docs/collector.md"));
    }

    @AfterAll
    void stop() throws Exception {
        stack.close();
    }

    @ParameterizedTest
    @MethodSource("io.onevault.tracking.local.HostileRequests#all")
    void getsItsOneAnswer(HostileRequest request) throws Exception {
        String answer = answer(request.bytes());

        assertThat(answer).startsWith("HTTP/1.1 " + request.status() + " ");
        assertThat(answer.split("HTTP/1\\.1 ", -1)).as("one answer: %s", answer).hasSize(2);
        String head = answer.substring(0, answer.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
        assertThat(head)
                .contains(ClosedAnswers.HEADERS.stream().map(name -> "\r\n" + name + ": ").toList())
                .contains("content-type: application/json")
                .contains("cache-control: no-store")
                .doesNotContain("\r\nserver:", "\r\nx:", "jetty");
        if (!request.asksToClose()) {
            assertThat(head).contains("connection: close");
        }
        JsonNode body =
                new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(body.get("success").asBoolean()).isFalse();
        String code = body.get("error_code").asText();
        assertThat(code).isNotEqualTo("INTERNAL_ERROR").isNotBlank();
        assertThat(documented)
                .as("a row of docs/collector.md with %s and %s", request.status(), code)
                .anyMatch(
                        row ->
                                row.contains(String.valueOf(request.status()))
                                        && row.contains('`' + code + '`'));
        assertThat(body.get("message").asText()).isNotBlank();
        assertThat(body.get("request_id").asText()).hasSize(36);
    }

    /** It is the sender's: nothing of ours has failed, and nothing is to be logged. */
    @Test
    void noHeaderMakesItFailWhateverItSays() throws Exception {
        List<String> failed = new ArrayList<>();
        try (LogCapture log = new LogCapture()) {
            for (String request : OddHeaders.requests().toList()) {
                String answer = answer(request);
                if (!answer.matches("(?s)HTTP/1\\.1 [234].*")) {
                    failed.add(request + answer);
                }
            }
            assertThat(log.text()).doesNotContain("io.onevault");
        }
        assertThat(failed).isEmpty();
    }

    /** What is being answered, or idle, is let alone. */
    @Test
    void cutsHeadsThatTrickle() throws Exception {
        String live = "GET /health/live HTTP/1.1\r\nHost: h\r\n";
        try (Socket idle = socket();
                Socket feed = socket();
                Socket fresh = socket();
                Socket kept = socket()) {
            send(
                    feed,
                    "GET /read/realtime HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n"
                            + "Authorization: Bearer $READ\r\n\r\n");
            send(kept, live + "\r\n");
            assertThat(kept.getInputStream().readNBytes(12)).asString().isEqualTo(OK);
            send(kept, live);
            send(fresh, live);

            trickleUntilItIsCut(fresh);
            trickleUntilItIsCut(kept);

            send(idle, live + "\r\n");
            assertThat(idle.getInputStream().readNBytes(12)).asString().isEqualTo(OK);
            InputStream figures = feed.getInputStream();
            figures.skipNBytes(figures.available());
            assertThat(figures.read()).as("the next figures").isNotNegative();
        }
    }

    @Test
    void cutsEachBodyThatDoesNotEnd() throws Exception {
        try (HalfSentBodies bodies = new HalfSentBodies(stack.port(), browser)) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                sockets.add(bodies.addTaken("127.0.0." + i));
            }
            for (Socket socket : sockets) {
                assertThat(HalfSentBodies.line(socket)).startsWith("HTTP/1.1 408 ");
            }
        }
    }

    private static void trickleUntilItIsCut(Socket socket) throws IOException {
        socket.setSoTimeout(50);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        int read = 0;
        while (read >= 0) {
            assertThat(System.nanoTime()).as("cut by now").isLessThan(end);
            try {
                socket.getOutputStream().write('a');
                read = socket.getInputStream().read();
            } catch (SocketTimeoutException stillThere) {
                read = 0;
            } catch (SocketException cut) {
                read = -1;
            }
        }
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket("127.0.0.1", stack.port());
        socket.setSoTimeout(WAIT_MILLIS);
        return socket;
    }

    private void send(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(bytes(request));
        socket.getOutputStream().flush();
    }

    private byte[] bytes(String request) {
        return request.replace("$BROWSER", browser)
                .replace("$BOUND", bound)
                .replace("$SERVER", server)
                .replace("$READ", reader)
                .getBytes(ISO_8859_1);
    }

    /** All that comes until the collector closes the connection. */
    private String answer(String request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = socket()) {
            try {
                send(socket, request);
            } catch (SocketException closedBeforeItWasSent) {
                assertThat(request.length()).isGreaterThan(10_000);
            }
            read(socket.getInputStream(), answer);
        }
        return answer.toString(ISO_8859_1);
    }

    private static void read(InputStream in, ByteArrayOutputStream answer) throws IOException {
        byte[] buffer = new byte[8192];
        try {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                answer.write(buffer, 0, length);
            }
        } catch (SocketException resetOverWhatWasNotRead) {
            assertThat(answer.size()).isPositive();
        }
    }
}
