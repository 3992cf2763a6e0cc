package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.collector.CollectorServer;
import io.onevault.tracking.collector.CollectorSettings;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A collector before a real broker and a real database. */
final class CollectorStack implements AutoCloseable {

    static final CollectorSettings.Limits WIDE =
            new CollectorSettings.Limits(
                    1_000_000, 1_000_000, 1_000_000, 1_000_000, Duration.ofSeconds(20), 1 << 28);
    static final String TOPIC = "collected";

    private static final ObjectMapper JSON = new ObjectMapper();

    final TestDatabase database;
    private final DataDirectory directory;
    private final Ports ports;
    private final HttpClient client = HttpClient.newHttpClient();
    private EmbeddedKafka kafka;
    private final CollectorServer collector;

    CollectorStack(TestDatabase database, CollectorSettings.Limits limits) throws Exception {
        this.database = database;
        this.directory = DataDirectory.temporary();
        this.ports = Ports.find(directory, Map.of());
        startBroker();
        kafka.createTopic(TOPIC, 2);
        collector = collector(limits, CollectorSettings.Paths.USUAL);
        awaitReady();
    }

    /** Another collector before the same broker and database. */
    CollectorServer collector(CollectorSettings.Limits limits, CollectorSettings.Paths paths)
            throws Exception {
        return CollectorServer.start(
                new CollectorSettings(
                        "127.0.0.1",
                        0,
                        new DatabaseAccess(database.url(), "postgres", ""),
                        KafkaAccess.plain(kafka.bootstrapServers()),
                        TOPIC,
                        new CollectorSettings.Proxies(List.of("127.0.0.1"), null),
                        limits,
                        paths,
                        Map.of("/shop/", "sample/shop/")));
    }

    /** The key of records of a session or a visitor, as docs/event-contract.md has it. */
    static String recordKey(String tenant, String id) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(UTF_8));
        return tenant + '|' + HexFormat.of().formatHex(hash).substring(0, 3);
    }

    int port() {
        return collector.port();
    }

    void startBroker() throws Exception {
        kafka = EmbeddedKafka.start(directory.path().resolve("kafka"), ports);
    }

    void stopBroker() throws IOException {
        kafka.close();
    }

    void awaitReady() throws Exception {
        JobRuns.await(() -> get("/health/ready").statusCode() == 200);
    }

    /** So many events as a body. */
    static String batch(int events) {
        return "[" + String.join(",", Collections.nCopies(events, "{\"evt_type\": \"a\"}")) + "]";
    }

    /** Makes a key of a tenant. */
    String key(String tenant, String name, String may) throws Exception {
        return database.texts(
                        "SELECT auth.site_tracking_make_key('%s', '%s', string_to_array('%s', ','))"
                                .formatted(tenant, name, may))
                .get(0);
    }

    /** Lets only pages of the origin send with the tenant's public keys. */
    void allowOrigin(String tenant, String origin) throws Exception {
        database.execute(
                "INSERT INTO auth.tenant_site_tracking_s"
                        + " (tenant_hk, load_date, allowed_origins, hash_diff, record_source)"
                        + " SELECT tenant_hk, now(), ARRAY['"
                        + origin
                        + "'], sha256('1'), 'test' FROM auth.tenant_h WHERE tenant_bk = '"
                        + tenant
                        + "'");
    }

    HttpRequest.Builder request(String path) {
        return request(port(), path);
    }

    static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    HttpRequest.Builder page(String key, String body, @Nullable String origin) {
        HttpRequest.Builder request =
                request("/in?key=" + key).POST(HttpRequest.BodyPublishers.ofString(body));
        return origin == null ? request : request.header("Origin", origin);
    }

    HttpRequest.Builder bearer(String key, String body) {
        return request("/in")
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    /** An answer that may go on for ever, of which nothing is read. */
    HttpResponse<InputStream> head(HttpRequest.Builder request) throws Exception {
        HttpResponse<InputStream> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        response.body().close();
        return response;
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    HttpResponse<String> get(String path, String key) throws Exception {
        return send(request(path).header("Authorization", "Bearer " + key));
    }

    CompletableFuture<HttpResponse<String>> getLater(String path, String key) {
        return client.sendAsync(
                request(path).header("Authorization", "Bearer " + key).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends events as a page does. */
    HttpResponse<String> post(String key, String body) throws Exception {
        return send(
                request("/in?key=" + key)
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    static void assertRefused(HttpResponse<String> response, int status, String code)
            throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode answer = json(response);
        assertThat(answer.get("success").asBoolean()).isFalse();
        assertThat(answer.get("error_code").asText()).isEqualTo(code);
        assertThat(answer.get("message").asText()).isNotBlank();
        assertThat(answer.get("request_id").asText()).hasSize(36);
    }

    static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return json(response.body());
    }

    static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    /** All that Kafka has, in order of the partitions. */
    List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (TopicRecords.Record record : records()) {
            events.add(JSON.readTree(record.value()));
        }
        return events;
    }

    JsonNode event(String id) throws IOException {
        Optional<JsonNode> found =
                events().stream()
                        .filter(event -> event.path("event_id").asText().equals(id))
                        .findFirst();
        assertThat(found).as("Kafka has event " + id).isPresent();
        return found.get();
    }

    List<TopicRecords.Record> records() {
        return TopicRecords.of(kafka.bootstrapServers(), TOPIC);
    }

    @Override
    public void close() throws IOException {
        collector.close();
        kafka.close();
        directory.close();
    }
}
