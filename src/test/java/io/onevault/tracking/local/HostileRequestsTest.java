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
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hostile request gets the one answer that it deserves, in the form of all, and no other. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileRequestsTest {

    private static final int WAIT_MILLIS = 60_000 * Integer.getInteger("wait.minutes", 3);

    private CollectorStack stack;
    private String browser;
    private String bound;
    private String reader;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        CollectorSettings.Limits limits =
                new CollectorSettings.Limits(
                        100_000, 100_000, 100_000, 100_000, Duration.ofSeconds(2));
        stack = new CollectorStack(postgres.vault(), limits);
        VaultRows.register(stack.database, "acme", "bound");
        stack.allowOrigin("bound", "https://shop.example.com");
        browser = stack.key("acme", "web", "browser");
        bound = stack.key("bound", "web", "browser");
        reader = stack.key("acme", "reader", "read");
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
                .contains("x-content-type-options: nosniff", "content-type: application/json")
                .contains("connection: close", "cache-control: no-store")
                .doesNotContain("\r\nserver:", "\r\nx:", "jetty");
        JsonNode body =
                new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(body.get("success").asBoolean()).isFalse();
        assertThat(body.get("error_code").asText()).isNotEqualTo("INTERNAL_ERROR").isNotBlank();
        assertThat(body.get("message").asText()).isNotBlank();
        assertThat(body.get("request_id").asText()).hasSize(36);
    }

    /** All that comes until the collector closes the connection. */
    private String answer(String request) throws IOException {
        byte[] bytes =
                request.replace("$BROWSER", browser)
                        .replace("$BOUND", bound)
                        .replace("$READ", reader)
                        .getBytes(ISO_8859_1);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("127.0.0.1", stack.port())) {
            socket.setSoTimeout(WAIT_MILLIS);
            try {
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
            } catch (SocketException closedBeforeItWasSent) {
                assertThat(bytes.length).isGreaterThan(10_000);
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
