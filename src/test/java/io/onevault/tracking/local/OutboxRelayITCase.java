package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.relay.OutboxRelay;
import io.onevault.tracking.relay.RelaySettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The outbox through the relay into a real broker. */
@ExtendWith(PostgresExtension.class)
class OutboxRelayITCase {

    private static final String TOPIC = "tracked";

    /** Tracks a number of events, each with its number, spread over seven sessions. */
    private static final String TRACK =
            """
            SELECT api.track_event(jsonb_agg(jsonb_build_object(
                'tenantId', 'acme', 'evt_type', 'page_view', 'event_id', '%1$s-' || n,
                'session_id', '%1$s-s' || n %% 7, 'n', n, 'page_url', 'https://shop.example.com/' || n)
                ORDER BY n))
            FROM generate_series(%2$d, %3$d) AS n""";

    private static final String WAITING = "SELECT count(*) FROM raw.site_tracking_outbox_r";

    private static final String REASONS =
            """
            SELECT reason ->> 'code'
            FROM jsonb_array_elements(
                api.get_tracking_system_status('acme') #> '{data,reasons}') AS reason
            WHERE reason ->> 'layer' = 'tracking'""";

    @TempDir Path folder;

    private final TestDatabase database;
    private final List<OutboxRelay> relays = new ArrayList<>();
    private DataDirectory directory;
    private Ports ports;
    private EmbeddedKafka kafka;

    OutboxRelayITCase(TestPostgres postgres) throws Exception {
        database = postgres.vault();
    }

    @BeforeEach
    void start() throws Exception {
        VaultRows.register(database, "acme");
        directory = DataDirectory.temporary();
        ports = Ports.find(directory, Map.of());
        kafka = EmbeddedKafka.start(folder.resolve("kafka"), ports);
        kafka.createTopic(TOPIC, 3);
    }

    @AfterEach
    void stop() throws Exception {
        relays.forEach(OutboxRelay::close);
        kafka.close();
        directory.close();
    }

    @Test
    void sendsEveryEventInOrderPerKeyAndEmptiesTheOutbox() throws Exception {
        start(settings());
        for (int batch = 0; batch < 40; batch++) {
            track("a", batch * 100, batch * 100 + 99);
        }
        awaitEmptyOutbox();

        List<TopicRecords.Record> records = records();
        assertThat(records).hasSize(4_000);
        assertInOrder(records, 4_000);
        assertThat(records)
                .allSatisfy(
                        record ->
                                assertThat(record.key())
                                        .isEqualTo(
                                                CollectorStack.recordKey(
                                                        "acme", record.member("session_id"))));
    }

    @Test
    void sendsNothingOfARolledBackTransaction() throws Exception {
        start(settings());
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(TRACK.formatted("undone", 1, 50));
            connection.rollback();
            statement.execute(TRACK.formatted("done", 1, 1));
            connection.commit();
        }
        awaitEmptyOutbox();

        assertThat(records())
                .extracting(record -> record.member("event_id"))
                .containsExactly("done-1");
    }

    @Test
    void twoRelaysKeepTheOrderAndLoseNothingWhenOneEnds() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(3);
        List<Future<?>> tracking = new ArrayList<>();
        OutboxRelay first = start(settings());
        start(settings());
        try {
            for (String client : List.of("a", "b", "c")) {
                tracking.add(clients.submit(() -> trackMany(client)));
            }
            JobRuns.await(() -> !records().isEmpty());
            first.close();
            for (Future<?> client : tracking) {
                client.get();
            }
            awaitEmptyOutbox();
        } finally {
            clients.shutdown();
        }

        assertInOrder(records(), 3 * 3_000);
    }

    @Test
    void keepsEventsWhileTheBrokerIsAwayAndSaysSo() throws Exception {
        start(settings());
        track("before", 1, 10);
        awaitEmptyOutbox();
        kafka.close();
        for (int batch = 0; batch < 10; batch++) {
            track("away", batch * 20, batch * 20 + 19);
        }

        JobRuns.await(() -> database.texts(REASONS).contains("BROKER_UNREACHABLE"));
        assertThat(database.number(WAITING)).isEqualTo(200);
        assertThat(
                        database.texts(
                                "SELECT api.get_tracking_system_status('acme')"
                                        + " #>> '{data,outbox,events}'"))
                .containsExactly("200");

        kafka = EmbeddedKafka.start(folder.resolve("kafka"), ports);
        awaitEmptyOutbox();
        assertThat(database.texts(REASONS)).isEmpty();

        assertInOrder(records(), 210);
    }

    @Test
    void theRelaysRoleIsEnough() throws Exception {
        database.execute("CREATE ROLE test_relay LOGIN IN ROLE site_tracking_relay");
        track("a", 1, 10);

        start(settings("test_relay"));
        awaitEmptyOutbox();

        assertThat(records()).hasSize(10);
    }

    @Test
    void printsHowManyEventsASecondItMoves() throws Exception {
        int events = 50_000;
        long start = System.nanoTime();
        long tracked;
        start(settings());
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int n = 0; n < events; n += 500) {
                statement.execute(TRACK.formatted("fast", n, n + 499));
            }
        }
        tracked = System.nanoTime();
        awaitEmptyOutbox();
        long moved = System.nanoTime();
        System.out.printf(
                "track_event in batches of 500 beside the relay: %,d events/s;"
                        + " in the broker: %,d events/s%n",
                rate(events, tracked - start), rate(events, moved - start));

        assertInOrder(records(), events);
    }

    private OutboxRelay start(RelaySettings settings) {
        OutboxRelay relay = OutboxRelay.start(settings);
        relays.add(relay);
        return relay;
    }

    private static long rate(long events, long nanos) {
        return events * 1_000_000_000L / nanos;
    }

    private RelaySettings settings() {
        return settings("postgres");
    }

    private RelaySettings settings(String user) {
        return new RelaySettings(
                new DatabaseAccess(
                        database.url().replace("user=postgres", "user=" + user), user, ""),
                KafkaAccess.plain(kafka.bootstrapServers()),
                TOPIC,
                1_000,
                Duration.ofSeconds(5),
                Duration.ofMillis(50),
                false);
    }

    private void track(String client, int from, int to) throws Exception {
        database.execute(TRACK.formatted(client, from, to));
    }

    private Void trackMany(String client) throws Exception {
        for (int n = 0; n < 3_000; n += 20) {
            track(client, n, n + 19);
        }
        return null;
    }

    private void awaitEmptyOutbox() throws Exception {
        JobRuns.await(() -> database.number(WAITING) == 0);
    }

    private List<TopicRecords.Record> records() {
        return TopicRecords.of(kafka.bootstrapServers(), TOPIC);
    }

    /**
     * Every event is there, and those of a key first came in the order in which they were tracked.
     */
    private static void assertInOrder(List<TopicRecords.Record> records, int events) {
        Set<String> seen = new HashSet<>();
        Map<String, Integer> last = new HashMap<>();
        for (TopicRecords.Record record : records) {
            if (seen.add(record.member("event_id"))) {
                int number = Integer.parseInt(record.member("n"));
                Integer before = last.put(record.key(), number);
                assertThat(before == null || before < number).as(record.value()).isTrue();
            }
        }
        assertThat(seen).hasSize(events);
    }
}
