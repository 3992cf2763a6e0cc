package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A partition whose leader is away, with an event that was not read yet. */
@ExtendWith(PostgresExtension.class)
class AwayPartitionITCase {

    private static final Instant NOON = Instant.parse("2025-11-20T12:00:00Z");
    private static final JobRuns.Input INPUT = new JobRuns.Input("away", 2, 1);
    private static final int HERE = 0;
    private static final int AWAY = 1;

    /** At least half a second each: together longer than the grace. */
    private static final int CHECKPOINTS = 30;

    /** So that a broker may come back soon after it left. */
    private static final Map<String, String> GIVEN_UP_SOON =
            Map.of("broker.session.timeout.ms", "20000");

    @TempDir Path folder;

    @Test
    void holdsTimeBackUntilItIsRead(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        Path data = folder.resolve("one");
        try (DataDirectory directory = DataDirectory.temporary()) {
            Ports ports = Ports.find(directory, Map.of());
            try (EmbeddedKafka kafka = alone(EmbeddedKafka.start(data, ports, GIVEN_UP_SOON));
                    SecondBroker broker = new SecondBroker(folder.resolve("two"), data, ports)) {
                createTopic(kafka);
                send(kafka, AWAY, "s1", 0);
                send(kafka, HERE, "s2", 0);
                run(kafka, database, job -> await(job, database, 2));
                send(kafka, AWAY, "s1", 10);
                broker.stop();
                send(kafka, HERE, "s2", 180);
                run(kafka, database, job -> comeBack(job, database, broker));
            }
        }

        assertThat(VaultRows.ledger(database)).doesNotContainKey("LATE");
        assertThat(
                        database.texts(
                                "SELECT total_events FROM"
                                        + " business.site_session_details_current_v"
                                        + " ORDER BY session_start, total_events DESC"))
                .containsExactly("2", "1", "1");
        VaultRows.assertSound(database);
    }

    private static void comeBack(RunningJob job, TestDatabase database, SecondBroker broker)
            throws Exception {
        await(job, database, 3);
        long then = Checkpoints.completed(job) + CHECKPOINTS;
        JobRuns.await(
                () -> {
                    job.requireAlive();
                    return Checkpoints.completed(job) >= then;
                });
        broker.start();
        await(job, database, 4);
    }

    /** Puts all that the job needs beside its topic on the broker that is alone yet. */
    private static EmbeddedKafka alone(EmbeddedKafka kafka) throws Exception {
        kafka.createTopic("rejected", 1);
        try (Admin admin = kafka.admin()) {
            JobRuns.await(() -> hasOffsets(admin));
        }
        return kafka;
    }

    /** The topic of offsets is created when somebody asks for them first. */
    private static boolean hasOffsets(Admin admin) throws Exception {
        try {
            admin.listConsumerGroupOffsets("away").partitionsToOffsetAndMetadata().get();
            return true;
        } catch (ExecutionException e) {
            return e.getCause() instanceof GroupIdNotFoundException;
        }
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = kafka.admin()) {
            JobRuns.await(() -> admin.describeCluster().nodes().get().size() == 2);
            NewTopic topic =
                    new NewTopic(
                            INPUT.topic(),
                            Map.of(HERE, List.of(1), AWAY, List.of(SecondBroker.NODE)));
            topic.configs(Map.of("message.timestamp.type", "LogAppendTime"));
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    private static void send(EmbeddedKafka kafka, int partition, String session, int minute)
            throws Exception {
        byte[] event =
                JobRuns.utf8(
                        """
                        {"tenantId":"acme","evt_type":"page_view","session_id":"%s",\
                        "page_url":"https://shop.example/","event_timestamp":"%s"}"""
                                .formatted(session, NOON.plusSeconds(60L * minute)));
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(INPUT.topic(), partition, null, event)).get();
        }
    }

    private void run(EmbeddedKafka kafka, TestDatabase database, JobRuns.While meanwhile)
            throws Exception {
        Map<String, String> settings =
                Map.of(
                        "kafka.bootstrap-servers",
                        kafka.bootstrapServers(),
                        "kafka.group-id",
                        "away",
                        "kafka.rejected-topic",
                        "rejected",
                        "database.url",
                        database.url(),
                        "database.user",
                        "postgres",
                        "privacy.secret",
                        TestSecret.reference(JobRuns.SECRET),
                        "privacy.salts",
                        "DERIVED",
                        "session.lateness",
                        "1 ms",
                        "watermark.idle-grace",
                        "10 s");
        JobRuns.run(folder.resolve("run"), INPUT, settings, Map.of(), meanwhile);
    }

    private static void await(RunningJob job, TestDatabase database, long events) throws Exception {
        JobRuns.await(
                () -> {
                    job.requireAlive();
                    return database.number("SELECT count(*) FROM business.event_session_l")
                            >= events;
                });
    }
}
