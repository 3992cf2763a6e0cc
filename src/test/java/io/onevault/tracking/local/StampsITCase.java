package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Records whose stamps are whatever their producers like. */
@ExtendWith(PostgresExtension.class)
class StampsITCase {

    private static final Map<String, String> CREATE_TIME =
            Map.of(
                    "message.timestamp.type",
                    "CreateTime",
                    "message.timestamp.after.max.ms",
                    Long.toString(Long.MAX_VALUE),
                    "retention.ms",
                    "-1");

    @TempDir Path folder;
    private TestDatabase database;
    private OddTopic topic;

    @BeforeEach
    void start(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        topic = new OddTopic(folder, database, 1, CREATE_TIME);
    }

    @AfterEach
    void stop() throws Exception {
        topic.close();
    }

    /**
     * A record whose stamp is whatever its producer likes, also what the client's class refuses.
     */
    private static final class Stamped extends ProducerRecord<byte[], byte[]> {
        private final long stamp;

        Stamped(String topic, long stamp, byte[] value) {
            super(topic, 0, null, value);
            this.stamp = stamp;
        }

        @Override
        public Long timestamp() {
            return stamp;
        }
    }

    @Test
    void stampsOfProducersNeitherDriveTimeNorStopTheJob() throws Exception {
        topic.register("bug-21");
        topic.register("other");
        List<byte[]> lines = Cases.lines("21-createtime-seconds");
        long inSeconds = 1_795_705_260L;
        long[] noTime = {inSeconds, -1, 0, 4_102_444_800_000L, 4_070_908_800_000L};
        try (var producer = topic.producer(Map.of())) {
            producer.send(new Stamped(topic.name(), System.currentTimeMillis(), lines.get(0)));
            producer.send(new Stamped(topic.name(), inSeconds, lines.get(1)));
            producer.send(new Stamped(topic.name(), 0, lines.get(2)));
            for (long stamp : noTime) {
                byte[] line =
                        new String(lines.get(3), StandardCharsets.UTF_8)
                                .replace("e004", "e004-" + stamp)
                                .getBytes(StandardCharsets.UTF_8);
                producer.send(new Stamped(topic.name(), stamp, line));
                producer.send(new Stamped(topic.name(), stamp, new byte[] {'{'}));
            }
            sendOrdinary(producer, 0);
        }

        topic.run("stamps", job -> topic.awaitClosed(job, "other", 10));

        // Again after a restart, which goes on with the time that was kept.
        try (var producer = topic.producer(Map.of())) {
            sendOrdinary(producer, 10);
        }
        topic.run("stamps", job -> topic.awaitClosed(job, "other", 20));

        assertThat(
                        database.texts(
                                "SELECT payload ->> 'event_id' || to_char(event_timestamp"
                                        + " AT TIME ZONE 'UTC', ' YYYY-MM-DD HH24:MI:SS')"
                                        + " FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status <> 'ERROR'"
                                        + "   AND payload ->> 'tenantId' = 'bug-21' ORDER BY 1"))
                .containsExactly(
                        "bug-21-e001 2026-11-26 15:00:00",
                        "bug-21-e002 2026-11-26 15:01:00",
                        "bug-21-e003 2026-11-26 15:02:00",
                        "bug-21-e004-1795705260 2026-11-26 15:01:00",
                        "bug-21-e004-4070908800000 2099-01-01 00:00:00");
        assertThat(VaultRows.ledger(database))
                .containsEntry("RECEIVED", 3L + 2 * noTime.length + 20)
                .containsEntry("REJECTED INVALID_TIMESTAMP", 3L)
                .containsEntry("REJECTED MALFORMED_JSON", (long) noTime.length)
                .containsEntry("ACCEPTED", 25L);
        VaultRows.assertSound(database);
    }

    private void sendOrdinary(KafkaProducer<byte[], byte[]> producer, int from) {
        for (int i = from; i < from + 10; i++) {
            byte[] event =
                    JobRuns.utf8(
                            "{\"tenantId\":\"other\",\"evt_type\":\"page_view\",\"session_id\":\"s"
                                    + i
                                    + "\",\"page_url\":\"https://other.example/\"}");
            producer.send(new ProducerRecord<>(topic.name(), 0, null, event));
        }
    }

    @Test
    void aTopicThatItsProducersStampHasToBeMeant() throws Exception {
        Map<String, String> settings = topic.settings("created");
        settings.put("kafka.topic", topic.name());
        List<String> arguments = new ArrayList<>();
        settings.forEach((key, value) -> arguments.addAll(List.of("--" + key, value)));

        try (LogCapture log = new LogCapture()) {
            assertThatThrownBy(() -> SiteTrackingJob.main(arguments.toArray(String[]::new)))
                    .hasMessageContaining("message.timestamp.type=CreateTime")
                    .hasMessageContaining("kafka.create-time=true");

            assertThat(log.text())
                    .contains("Topic " + topic.name() + " has retention.ms=-1")
                    .contains("longer than 7 days");
        }
    }
}
