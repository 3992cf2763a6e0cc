package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.collector.CollectorSettings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The collector behind the proxies of docs/proxy, on a path of the site's own. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReverseProxyITCase {

    private static final String EVENT = "{\"evt_type\": \"a\", \"event_id\": \"%s\"}";
    private static final String HOST = "Host: shop.example.com\r\n";
    private static final int WAIT_MILLIS = 60_000 * Integer.getInteger("wait.minutes", 3);

    /** Heads in which a proxy reads nothing twofold, and of which it writes a plain one. */
    private static final Map<ReverseProxy.Program, List<String>> MENDED =
            Map.of(
                    ReverseProxy.Program.NGINX,
                    List.of("head: odd expectation 200", "head: no colon 200", "head: lone LF 200"),
                    ReverseProxy.Program.CADDY,
                    List.of("head: folded 200", "head: no name 200", "head: lone LF 200"));

    @TempDir Path folder;
    private CollectorStack stack;
    private String browser;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        CollectorSettings.Limits impatient =
                new CollectorSettings.Limits(
                        100_000, 100_000, 100_000, 100_000, Duration.ofSeconds(2), 1 << 28);
        stack = new CollectorStack(postgres.vault(), impatient);
        VaultRows.register(stack.database, "acme");
        stack.allowOrigin("acme", "https://elsewhere.example.com");
        browser = stack.key("acme", "web", "browser");
    }

    @AfterAll
    void stop() throws Exception {
        stack.close();
    }

    @ParameterizedTest
    @EnumSource
    void letsTheSitesOwnPagesIn(ReverseProxy.Program program) throws Exception {
        try (ReverseProxy proxy = start(program)) {
            String id = "by-" + program;
            String body = EVENT.formatted(id);
            String head =
                    "POST /in?key=%s HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n"
                                    .formatted(browser)
                            + "Cookie: "
                            + "of the site ".repeat(670)
                            + "\r\n"
                            + "Origin: http://shop.example.com\r\nX-Forwarded-For: \"1.2.3.4\r\n"
                            + "CF-Connecting-IP: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n"
                            + "User-Agent: Chrome (Linux; Android 10; K)\r\n"
                            + "Sec-Fetch-Site: same-origin\r\nSec-CH-UA-Model: \"Pixel 9\"\r\n"
                            + "Sec-CH-UA-Platform-Version: \"16.0.0\"\r\n";
            String length = "Content-Length: " + body.length() + "\r\n\r\n";

            assertThat(answer(proxy, head + length + body)).startsWith("HTTP/1.1 202 ");
            JsonNode event = stack.event(id);
            assertThat(event.get("client_ip").asText())
                    .as("what the client says of itself is hearsay")
                    .isEqualTo("127.0.0.2");
            assertThat(event.get("user_agent").asText())
                    .isEqualTo("Chrome (Linux; Android 16.0.0; Pixel 9)");
            assertThat(get(proxy, "shop", "/tracker.js")).startsWith("HTTP/1.1 200 ");
            assertThat(get(proxy, "shop", "/in.gif?key=" + browser)).startsWith("HTTP/1.1 200 ");
            for (String path : List.of("/metrics", "/health", "/read/status", "/dashboard/")) {
                assertThat(get(proxy, "shop", path)).as(path).startsWith("HTTP/1.1 404 ");
            }
            assertThat(get(proxy, "data", "/dashboard/")).startsWith("HTTP/1.1 200 ");
            assertThat(get(proxy, "data", "/metrics")).startsWith("HTTP/1.1 404 ");
            assertThat(get(proxy, "data", "/health/ready")).startsWith("HTTP/1.1 404 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesNobodysRequestDown(ReverseProxy.Program program) throws Exception {
        Path files = folder.resolve("written-by-" + program);
        try (ReverseProxy proxy = ReverseProxy.start(program, files, nobodysPort())) {
            for (String host : List.of("shop", "data")) {
                assertThat(get(proxy, host, "/in.gif?visitor_id=marked"))
                        .startsWith("HTTP/1.1 502 ");
                answer(
                        proxy,
                        "POST /in HTTP/1.1\r\nHost: %s.example.com\r\n".formatted(host)
                                + "Referer: https://a.example/marked\r\n"
                                + "Content-Length: 9999999\r\nConnection: close\r\n\r\n{");
            }
        }

        try (Stream<Path> written = Files.walk(files)) {
            assertThat(written.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allSatisfy(
                            file ->
                                    assertThat(Files.readString(file, ISO_8859_1))
                                            .doesNotContain("marked"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsNobodySmuggle(ReverseProxy.Program program) throws Exception {
        try (ReverseProxy proxy = start(program)) {
            int before = stack.events().size();
            List<String> odd = new ArrayList<>();
            for (HostileRequest request : HostileFraming.framed()) {
                String answer =
                        answer(
                                proxy,
                                request.bytes()
                                        .replace("$BROWSER", browser)
                                        .replace("Host: h\r\n", HOST)
                                        .replace("HTTP/1.0\r\n", "HTTP/1.0\r\n" + HOST));
                // Nginx ends a slow request without a word; Caddy calls broken chunks its own
                // fault.
                if (!answer.matches("(?s)|HTTP/1\\.[01] (4\\d\\d|501|502) .*")
                        || answer.split("HTTP/1\\.", -1).length > 2) {
                    odd.add(request + " -> " + answer);
                }
            }

            assertThat(odd).as(proxy.lastWords()).isEmpty();
            assertThat(stack.events()).hasSize(before);
        }
    }

    /** Of one request, so that what stands behind it would be another one. */
    @ParameterizedTest
    @EnumSource
    void refusesOddHeadsOrHandsThemOnWithoutWhatIsOdd(ReverseProxy.Program program)
            throws Exception {
        try (ReverseProxy proxy = start(program)) {
            int before = stack.events().size();
            List<String> told = new ArrayList<>();
            for (HostileRequest request : HostileFraming.heads()) {
                if (request.name().endsWith("other host in the line")) {
                    continue; // To a proxy that is a site of its own, or none.
                }
                String answer =
                        answer(
                                proxy,
                                request.bytes()
                                        .replace("GET /health/live", "GET /in.gif?key=" + browser)
                                        .replace("Host: h\r\n", HOST + "Connection: close\r\n"));
                assertThat(answer.split("HTTP/1\\.", -1)).as("%s: %s", request, answer).hasSize(2);
                told.add(request + " " + answer.substring(9, 12));
            }

            List<String> mended = MENDED.get(program);
            assertThat(told)
                    .as(proxy.lastWords())
                    .filteredOn(line -> line.endsWith(" 200"))
                    .containsExactlyElementsOf(mended);
            assertThat(told)
                    .filteredOn(line -> !line.endsWith(" 200"))
                    .allMatch(line -> line.matches(".* 4\\d\\d"));
            assertThat(stack.events()).hasSize(before + mended.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsNobodyTakeMoreThanAPageNeeds(ReverseProxy.Program program) throws Exception {
        try (ReverseProxy proxy = start(program)) {
            String head =
                    "POST /in?key=%s HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n"
                            .formatted(browser);
            String pad = "X-Pad: " + "x".repeat(40_000) + "\r\n";

            assertThat(
                            answer(
                                    proxy,
                                    head + "Content-Length: 1048577\r\n\r\n" + " ".repeat(1048577)))
                    // The collector refuses it, too, and Caddy tells what it meets first.
                    .as("a body above 1 MiB")
                    .matches("(?s)HTTP/1\\.1 (413|502) .*");
            assertThat(answer(proxy, head + pad + "Content-Length: 2\r\n\r\n{}"))
                    .as("a head above 32 KiB")
                    .matches("(?s)HTTP/1\\.1 4(00|31) .*");
            assertThat(answer(proxy, head + "Content-Length: 2\r\n\r\n{"))
                    .as("a body that does not end")
                    .matches("(?s)|HTTP/1\\.1 408 .*");
            assertThat(answer(proxy, head)).as("a head that does not end").isEmpty();
        }
    }

    private ReverseProxy start(ReverseProxy.Program program) throws Exception {
        assumeTrue(
                program.isThere() || Boolean.getBoolean("proxies.required"),
                program + " is not there: apt-get install it");
        return ReverseProxy.start(program, folder.resolve(program.name()), stack.port());
    }

    private static int nobodysPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String get(ReverseProxy proxy, String host, String path) throws IOException {
        return answer(
                proxy,
                "GET %s HTTP/1.1\r\nHost: %s.example.com\r\nConnection: close\r\n\r\n"
                        .formatted(path, host));
    }

    /**
     * All that comes until the connection is closed, to a client that has not the proxy's address.
     */
    private static String answer(ReverseProxy proxy, String request) throws IOException {
        InetAddress client = InetAddress.getByName("127.0.0.2");
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket =
                new Socket(InetAddress.getByName("127.0.0.1"), proxy.port(), client, 0)) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            try {
                socket.getInputStream().transferTo(answer);
            } catch (SocketException resetOverWhatWasNotRead) {
                assertThat(answer.size()).isPositive();
            }
        }
        return answer.toString(ISO_8859_1);
    }
}
