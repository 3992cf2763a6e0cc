package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedKafka;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A partition of which a job had read nothing when it was stopped: where the job goes on there,
 * Flink asks its group, and the live job and the one after the switch commit for the same.
 */
@ExtendWith(PostgresExtension.class)
class UnreadPartitionTest {

    private static final String TOPIC = "kept";
    private static final String GROUP = "live";

    private static final String IS =
            """
            UPDATE raw.site_tracking_reprocess_r
               SET state = '%1$s',
                   live_savepoint = %2$s,
                   shadow_savepoint = %3$s,
                   counts = counts || '{"operation": %4$s}'""";

    private static final String UNDER_WAY =
            """
            {"command": "undo", "done": false, "starts": "$job"}"""
                    .replace("$job", StoppingCluster.JOB);

    @TempDir private Path folder;

    @Test
    void isReadFromWhereTheJobWouldHaveBegun(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        try (DataDirectory directory = DataDirectory.temporary();
                EmbeddedKafka kafka =
                        EmbeddedKafka.start(directory.kafka(), Ports.find(directory, Map.of()));
                Admin admin = kafka.admin();
                StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            kafka.createTopic(TOPIC, 3);
            send(kafka.bootstrapServers());
            JobSettings settings = settings(kafka);
            Runs runs = new Runs(connection);
            Jobs jobs = new Jobs(flink, settings, folder.toString());
            commit(admin, GROUP, Map.of(0, 104L, 1, 3L));
            database.execute(IS.formatted("BUILT", "NULL", "NULL", "null"));
            cluster.failInstead();
            // It comes to where it stops the job.
            assertThatThrownBy(() -> new Switch(runs, jobs, told -> {}, 0).run(null))
                    .hasMessageStartingWith("JOB_ENDED");
            String former = "'" + KeptSavepoint.unread(folder.resolve("former"), 1) + "'";
            commit(admin, GROUP, Map.of(0, 150L, 1, 150L, 2, 150L));
            database.execute(IS.formatted("UNDONE", former, "NULL", UNDER_WAY));
            cluster.begin();
            Run run = runs.read(Run.UNDONE);

            new Undo(runs, jobs, told -> {}, 0).run(null);

            assertThat(committed(settings)).isEqualTo(Map.of(0, 150L, 1, 3L, 2, 150L));
            jobs.requireFormerGoesOn(run);
            forget(admin, 4);
            assertThatThrownBy(() -> jobs.requireFormerGoesOn(run))
                    .hasMessageStartingWith("RECORDS_GONE");

            // The same of a second run, which began at the beginning.
            String going = UNDER_WAY.replace("undo", "switch");
            database.execute(IS.formatted("SWITCHED", former, former, going));
            new Switch(runs, jobs, told -> {}, 0).run(null);

            assertThat(committed(settings)).isEqualTo(Map.of(0, 150L, 1, 4L, 2, 150L));

            // A job before the live one has read all of it, and Kafka has nothing any more.
            forget(admin, 150);
            commit(admin, GROUP, Map.of(0, 150L, 1, 150L, 2, 150L));
            commit(admin, jobs.shadowGroup(), Map.of(0, 150L, 2, 150L));
            Run follows = runs.note(Map.of("shadow_job", StoppingCluster.JOB));
            Following following = new Following(runs, jobs, told -> {});
            following.awaitCaughtUp(follows, Duration.ofSeconds(1));

            // The second run has read a part of it, and the rest is gone.
            commit(admin, jobs.shadowGroup(), Map.of(1, 100L));
            assertThatThrownBy(() -> following.awaitCaughtUp(follows, Duration.ofSeconds(1)))
                    .hasMessageStartingWith("SHADOW_JOB_BEHIND");
        }
    }

    private static JobSettings settings(EmbeddedKafka kafka) {
        String servers = kafka.bootstrapServers();
        return JobSettings.of(
                Settings.with(
                        "kafka.bootstrap-servers",
                        servers,
                        "kafka.topic",
                        TOPIC,
                        "kafka.group-id",
                        GROUP));
    }

    /** As Kafka's retention does with the first of the partition. */
    private static void forget(Admin admin, long before) throws Exception {
        var records = Map.of(new TopicPartition(TOPIC, 1), RecordsToDelete.beforeOffset(before));
        admin.deleteRecords(records).all().get();
    }

    private static Map<Integer, Long> committed(JobSettings settings) throws Exception {
        try (Offsets offsets = new Offsets(settings)) {
            return offsets.committed(GROUP);
        }
    }

    private static void send(String servers) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", servers);
        byte[] record = "{}".getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int partition = 0; partition < 3; partition++) {
                for (int i = 0; i < 200; i++) {
                    producer.send(new ProducerRecord<>(TOPIC, partition, null, record));
                }
            }
        }
    }

    private static void commit(Admin admin, String group, Map<Integer, Long> offsets)
            throws Exception {
        Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
        offsets.forEach(
                (at, offset) ->
                        all.put(new TopicPartition(TOPIC, at), new OffsetAndMetadata(offset)));
        admin.alterConsumerGroupOffsets(group, all).all().get();
    }
}
