package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Playwright;
import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.tracker.Chromium;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Browsers send while broker and collector are killed, each in a process of its own, and the job
 * reads: each event is in the vault once.
 */
@ExtendWith({Chromium.class, PostgresExtension.class})
final class CollectorFaultsITCase {

    private static final String TOPIC = "collected";
    private static final String GROUP = "collected";
    private static final String TENANT = "acme";
    private static final int EACH = 60;
    private static final Duration OUTAGE = Duration.ofSeconds(10);
    private static final JobRuns.Input INPUT = new JobRuns.Input(TOPIC, 2, 2);
    private static final String TOLD =
            "SELECT %s FROM staging.site_tracking_events_v WHERE evt_type = 'told'";

    @TempDir Path folder;
    private TestDatabase database;
    private KafkaProcess kafka;
    private CollectorProcess collector;
    private String key;

    @Test
    void nothingIsLostAndNothingDoubledWhateverIsKilled(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, TENANT);
        key = database.texts("SELECT auth.site_tracking_make_key('acme', 'web')").get(0);
        try (DataDirectory directory = DataDirectory.temporary()) {
            Ports ports = Ports.find(directory, Map.of());
            try (KafkaProcess broker = new KafkaProcess(folder.resolve("kafka"), ports)) {
                kafka = broker;
                try (CollectorProcess doors = collector(ports.of(Endpoint.COLLECTOR))) {
                    collector = doors;
                    JobRuns.run(folder.resolve("job"), INPUT, settings(), Map.of(), this::suffer);
                }
            }
        }
    }

    private CollectorProcess collector(int port) throws Exception {
        try (Admin admin = kafka.admin()) {
            EmbeddedKafka.createTopic(admin, TOPIC, INPUT.partitions());
            EmbeddedKafka.createTopic(admin, JobRuns.REJECTED_TOPIC, 1);
        }
        return new CollectorProcess(folder.resolve("collector.log"), port, database, kafka, TOPIC);
    }

    private Map<String, String> settings() {
        return Map.of(
                "kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "kafka.group-id",
                GROUP,
                "kafka.rejected-topic",
                JobRuns.REJECTED_TOPIC,
                "database.url",
                database.url(),
                "database.user",
                EmbeddedPostgres.USER,
                "privacy.secret",
                TestSecret.reference(JobRuns.SECRET));
    }

    private void suffer(RunningJob job) throws Exception {
        try (Playwright playwright = Chromium.playwright();
                Browser browser = playwright.chromium().launch(Chromium.options());
                TellingPages pages = new TellingPages(browser, collector.url("/tracker.js"), key)) {
            pages.tell(EACH);
            pages.awaitAll();

            pages.tell(EACH);
            kafka.kill();
            Instant back = Instant.now().plus(OUTAGE);
            pages.await("an answer 503", () -> pages.answers().contains(503));
            pages.await("the end of the outage", () -> Instant.now().isAfter(back));
            kafka.start();
            pages.awaitAll();

            pages.tell(EACH);
            collector.kill();
            pages.await("a request without answer", () -> pages.answers().contains(0));
            collector.start();
            pages.awaitAll();

            assertThat(status("Host: a/b\r\nHost: c\r\n")).startsWith("HTTP/1.1 400");
            assertThat(status("Host: a/b\r\n")).startsWith("HTTP/1.1 400");
            assertThat(collector.log()).doesNotContain("Host", "Authority");

            pages.tell(EACH);
            endInOrder();
            collector.start();
            pages.awaitAll();
            // Open pages go on pinging: without a door nothing comes in behind the last session.
            collector.terminate();
            collector.awaitEnd();
            new TopicEnd(kafka.bootstrapServers(), INPUT, GROUP).drain(database, job::requireAlive);
            compare(pages);
        }
    }

    /** What is at hand is answered by what came of it, while nobody else comes in. */
    private void endInOrder() throws Exception {
        String body = "{\"evt_type\": \"last\", \"event_id\": \"last\"}";
        try (Socket socket = new Socket("127.0.0.1", collector.port())) {
            write(
                    socket,
                    """
                    POST /in?key=%s HTTP/1.1\r
                    Host: h\r
                    Content-Length: %d\r
                    Expect: 100-continue\r
                    \r
                    """
                            .formatted(key, body.length()));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(answer.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(answer.readLine()).isEmpty();
            collector.terminate();
            JobRuns.await(() -> collector.status("/health/live") == 0);
            write(socket, body);
            assertThat(answer.readLine()).isEqualTo("HTTP/1.1 202 Accepted");
        }
        collector.awaitEnd();
    }

    /** Of what strangers send nothing is logged. */
    private String status(String headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", collector.port())) {
            write(socket, "GET /health/live HTTP/1.1\r\n" + headers + "\r\n");
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))
                    .readLine();
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
        socket.getOutputStream().flush();
    }

    private void compare(TellingPages pages) throws Exception {
        List<String> ids = database.texts(TOLD.formatted("split_part(event_bk, '.', 1)"));
        assertThat(pages.sentTwice()).as("what had no answer was sent again").isNotEmpty();
        assertThat(ids).doesNotHaveDuplicates().hasSize(pages.told());
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(
                        pages.taken().stream().map(id -> "evt_" + id).toList());
        assertThat(
                        database.number(
                                "SELECT count(DISTINCT properties ->> 'number')"
                                        + " FROM business.site_event_details_s"
                                        + " WHERE evt_type = 'told'"))
                .isEqualTo(pages.told());
        assertThat(
                        database.number(
                                "SELECT count(*) FROM staging.site_tracking_events_v"
                                        + " WHERE evt_type = 'last'"))
                .isOne();
        VaultRows.assertSound(database);
    }
}
