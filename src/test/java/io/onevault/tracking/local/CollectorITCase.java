package io.onevault.tracking.local;

import static io.onevault.tracking.local.CollectorStack.assertRefused;
import static io.onevault.tracking.local.CollectorStack.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.collector.CollectorServer;
import io.onevault.tracking.collector.CollectorSettings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events by HTTP into a real broker. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CollectorITCase {

    private static final String SHOP = "https://shop.example.com";

    private CollectorStack stack;
    private String browser;
    private String server;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        stack = new CollectorStack(postgres.vault(), CollectorStack.WIDE);
        VaultRows.register(stack.database, "acme");
        browser = stack.key("acme", "web", "browser");
        server = stack.key("acme", "server", "write");
    }

    @AfterAll
    void stop() throws Exception {
        stack.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"evt_type\": \"page_view\", \"event_id\": \"%s-1\"}",
                "[{\"evt_type\": \"page_view\", \"event_id\": \"%s-1\"}]",
                "{\"events\": [{\"evt_type\": \"page_view\", \"event_id\": \"%s-1\"}]}"
            })
    void takesOneAnArrayAndEvents(String form) throws Exception {
        String id = "form" + Integer.toHexString(form.hashCode());
        HttpResponse<String> response = stack.post(browser, form.formatted(id));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        JsonNode answer = CollectorStack.json(response);
        assertThat(answer.at("/success").asBoolean()).isTrue();
        assertThat(answer.at("/data/event_ids/0").asText()).isEqualTo(id + "-1");
        JsonNode event = stack.event(id + "-1");
        assertThat(event.get("tenantBk").asText()).isEqualTo("acme");
        assertThat(event.get("collector").asText()).isEqualTo("http");
        assertThat(event.get("client_ip").asText()).isEqualTo("127.0.0.1");
        assertThat(event.get("user_agent").asText()).startsWith("Java-http-client");
    }

    @Test
    void givesAnIdToWhatHasNoneAndJudgesEventByEvent() throws Exception {
        HttpResponse<String> response =
                stack.post(
                        browser,
                        """
                        [{"evt_type": "page_view"}, {"evt_type": "scroll", "scroll_depth": 101}, 7,
                         {"evt_type": "page_view", "tenantId": "other"}, {"no": "type"},
                         {"evt_type": "page_view", "tenantId": "acme", "event_id": "own"}]""");

        assertThat(response.statusCode()).isEqualTo(202);
        JsonNode data = CollectorStack.json(response).get("data");
        assertThat(data.get("events_accepted").asInt()).isEqualTo(2);
        assertThat(data.at("/event_ids/1").asText()).isEqualTo("own");
        List<String> refusals = new ArrayList<>();
        data.get("events_rejected")
                .forEach(
                        one ->
                                refusals.add(
                                        one.get("index").asInt()
                                                + " "
                                                + one.get("error_code").asText()));
        assertThat(refusals)
                .containsExactly(
                        "1 OUT_OF_RANGE",
                        "2 NOT_AN_OBJECT",
                        "3 TENANT_MISMATCH",
                        "4 MISSING_EVENT_TYPE");
        assertThat(stack.event(data.at("/event_ids/0").asText()).get("evt_type").asText())
                .isEqualTo("page_view");
        assertThat(stack.events())
                .as("what is refused is kept and counted by the job")
                .anyMatch(event -> event.path("scroll_depth").asInt() == 101);
    }

    @Test
    void keysRecordsAsTheContractSays() throws Exception {
        stack.post(
                browser,
                """
                [{"evt_type": "a", "session_id": "s1", "visitor_id": "v1", "event_id": "keyed-1"},
                 {"evt_type": "a", "visitor_id": "v1", "user_id": "u1", "event_id": "keyed-2"},
                 {"evt_type": "a", "user_id": "u1", "event_id": "keyed-3"}]""");

        List<String> keys = new ArrayList<>();
        for (TopicRecords.Record record : stack.records()) {
            if (record.value().contains("keyed-")) {
                keys.add(record.key());
            }
        }
        assertThat(keys)
                .containsExactlyInAnyOrder(
                        CollectorStack.recordKey("acme", "s1"),
                        CollectorStack.recordKey("acme", "v1"),
                        CollectorStack.recordKey("acme", "u1"));
    }

    @Test
    void believesAServerAndNotABrowserAboutTheClient() throws Exception {
        String body =
                """
                {"evt_type": "a", "event_id": "%s", "client_ip": "198.51.100.1", "user_agent": "Told/1"}""";
        stack.post(browser, body.formatted("by-browser"));
        HttpResponse<String> response =
                stack.send(stack.bearer(server, body.formatted("by-server")));

        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(stack.event("by-browser").get("client_ip").asText()).isEqualTo("127.0.0.1");
        assertThat(stack.event("by-server").get("client_ip").asText()).isEqualTo("198.51.100.1");
        assertThat(stack.event("by-server").get("user_agent").asText()).isEqualTo("Told/1");
    }

    @Test
    void findsTheClientBehindAProxy() throws Exception {
        HttpRequest.Builder request =
                stack.page(browser, "{\"evt_type\": \"a\", \"event_id\": \"proxied\"}", null)
                        .header("X-Forwarded-For", "1.2.3.4, 203.0.113.7")
                        .header("Sec-GPC", "1")
                        .header("DNT", "1");
        assertThat(stack.send(request).statusCode()).isEqualTo(202);

        JsonNode event = stack.event("proxied");
        assertThat(event.get("client_ip").asText()).isEqualTo("203.0.113.7");
        assertThat(event.get("gpc").asBoolean()).isTrue();
        assertThat(event.get("dnt").asBoolean()).isTrue();
    }

    @Test
    void inflatesWhatServersSend() throws Exception {
        HttpResponse<String> response = gzip("{\"evt_type\": \"a\", \"event_id\": \"zipped\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        assertThat(stack.event("zipped").get("evt_type").asText()).isEqualTo("a");

        String large = "{\"evt_type\": \"a\", \"text\": \"" + "x".repeat(1024 * 1024) + "\"}";
        assertRefused(gzip(large), 413, "PAYLOAD_TOO_LARGE");
    }

    @Test
    void takesAPixel() throws Exception {
        HttpResponse<String> response =
                stack.send(
                        stack.request(
                                        "/in.gif?key="
                                                + browser
                                                + "&evt_type=email_open&page_title=pixel%20test")
                                .header("Referer", SHOP + "/a"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo("image/gif");
        assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
        assertThat(stack.events())
                .anySatisfy(
                        event -> {
                            assertThat(event.path("page_title").asText()).isEqualTo("pixel test");
                            assertThat(event.path("page_url").asText()).isEqualTo(SHOP + "/a");
                            assertThat(event.path("evt_type").asText()).isEqualTo("email_open");
                        });
    }

    @Test
    void servesPagesWhereItIsTold() throws Exception {
        CollectorSettings.Paths own =
                new CollectorSettings.Paths(
                        "/hello", "/site/hello.js", "/site/kept/", "/site/dot.gif");
        try (CollectorServer other = stack.collector(CollectorStack.WIDE, own)) {
            int port = other.port();
            HttpRequest.Builder event =
                    CollectorStack.request(port, "/hello?key=" + browser)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"evt_type\": \"a\"}"));

            JobRuns.await(() -> stack.send(event).statusCode() == 202);
            for (String path :
                    List.of("/site/hello.js", "/site/core.js", "/site/dot.gif?key=" + browser)) {
                assertThat(stack.send(CollectorStack.request(port, path)).statusCode())
                        .as(path)
                        .isEqualTo(200);
            }
            String script = stack.send(CollectorStack.request(port, "/site/hello.js")).body();
            String pinned = PinnedTracker.name(script.getBytes(UTF_8));
            HttpResponse<String> kept =
                    stack.send(CollectorStack.request(port, "/site/kept/" + pinned));
            assertThat(kept.body()).isEqualTo(script);
            assertThat(header(kept, "Cache-Control")).endsWith("immutable");
            for (String path :
                    List.of(
                            "/in?key=" + browser,
                            "/tracker.js",
                            "/t/" + pinned,
                            "/in.gif?key=" + browser)) {
                assertRefused(stack.send(CollectorStack.request(port, path)), 404, "NOT_FOUND");
            }
        }
    }

    @Test
    void losesNothingOfWhatItAcknowledgedWhileTheBrokerGoesAndComes() throws Exception {
        Set<String> taken = new TreeSet<>();
        sendMany("before", taken);
        stack.stopBroker();
        HttpResponse<String> refused = stack.post(browser, "{\"evt_type\": \"a\"}");
        assertRefused(refused, 503, "BROKER_UNREACHABLE");
        assertThat(header(refused, "Retry-After")).isEqualTo("5");
        tellsWhichDependencyIsAway();
        sendMany("away", taken);
        stack.startBroker();
        JobRuns.await(() -> stack.post(browser, "{\"evt_type\": \"a\"}").statusCode() == 202);
        JobRuns.await(() -> stack.get("/health").statusCode() == 200);
        sendMany("after", taken);

        assertThat(taken)
                .anyMatch(id -> id.startsWith("before"))
                .anyMatch(id -> id.startsWith("after"));
        Set<String> kept = new TreeSet<>();
        stack.events().forEach(event -> kept.add(event.path("event_id").asText()));
        assertThat(kept).containsAll(taken);
    }

    @Test
    void takesSimulatedVisitors() throws Exception {
        List<String> tenants =
                TrafficPlan.read().sites().stream().map(TrafficPlan.Site::tenant).toList();
        for (String tenant : tenants) {
            VaultRows.register(stack.database, tenant);
        }
        String address = "http://127.0.0.1:" + stack.port();
        try (Connection connection = stack.database.connect();
                Traffic traffic = WebDoors.simulate(address, connection, 20, 100)) {
            assertThat(traffic).isNotNull();
            JobRuns.await(
                    () ->
                            simulated("purchase", "acme-shop")
                                    && simulated("enrolment", "open-campus"));
        }

        assertThat(stack.events())
                .filteredOn(event -> tenants.contains(event.path("tenantBk").asText()))
                .allSatisfy(
                        event -> {
                            assertThat(event.path("client_ip").asText()).startsWith("198.51.10");
                            assertThat(event.path("page_url").asText()).startsWith("http");
                        })
                .extracting(event -> event.path("event_id").asText())
                .doesNotHaveDuplicates();
    }

    private void tellsWhichDependencyIsAway() throws Exception {
        JobRuns.await(() -> stack.get("/health").statusCode() == 503);
        assertThat(CollectorStack.json(stack.get("/health")))
                .isEqualTo(
                        CollectorStack.json(
                                """
                                {"status": "DOWN", "kafka": "DOWN", "database": "UP"}"""));
        assertThat(stack.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(stack.get("/health/ready").statusCode())
                .as("it answers by when to come again")
                .isEqualTo(200);
    }

    private boolean simulated(String type, String tenant) throws Exception {
        return stack.events().stream()
                .anyMatch(
                        event ->
                                event.path("evt_type").asText().equals(type)
                                        && event.path("tenantBk").asText().equals(tenant));
    }

    private void sendMany(String name, Set<String> taken) throws Exception {
        for (int i = 0; i < 5; i++) {
            String id = name + "-" + i;
            String body = "{\"evt_type\": \"a\", \"event_id\": \"" + id + "\"}";
            if (stack.post(browser, body).statusCode() == 202) {
                taken.add(id);
            }
        }
    }

    private HttpResponse<String> gzip(String body) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body.getBytes(UTF_8));
        }
        return stack.send(
                stack.request("/in")
                        .header("Authorization", "Bearer " + server)
                        .header("Content-Encoding", "gzip")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes.toByteArray())));
    }
}
