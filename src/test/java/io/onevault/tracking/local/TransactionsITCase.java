package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.recover.RecoverRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A topic that is written in transactions, and then by nobody. */
@ExtendWith(PostgresExtension.class)
class TransactionsITCase {

    @TempDir Path folder;
    private TestDatabase database;
    private OddTopic topic;

    @BeforeEach
    void start(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        topic =
                new OddTopic(
                        folder, database, 2, Map.of("message.timestamp.type", "LogAppendTime"));
    }

    @AfterEach
    void stop() throws Exception {
        topic.close();
    }

    @Test
    void sessionsCloseBehindATransaction() throws Exception {
        topic.register("bug-22");
        List<byte[]> lines = new ArrayList<>();
        for (byte[] line : Cases.lines("22-transaction-marker-silence")) {
            // Seconds instead of minutes, so that the gap is short.
            lines.add(
                    JobRuns.utf8(
                            new String(line, StandardCharsets.UTF_8)
                                    .replaceAll("09:0([0-9]):00", "09:00:0$1")));
        }
        byte[] early =
                JobRuns.utf8(
                        new String(lines.get(0), StandardCharsets.UTF_8)
                                .replace("bug-22", "newcomer"));
        try (var producer = topic.producer(Map.of("transactional.id", "mine"))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (byte[] line : lines.subList(0, 3)) {
                producer.send(new ProducerRecord<>(topic.name(), 0, null, line));
            }
            producer.send(new ProducerRecord<>(topic.name(), 1, null, early));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), 0, null, lines.get(3)));
            producer.flush();
            producer.abortTransaction();
        }

        topic.run(
                "marks",
                job -> {
                    topic.awaitClosed(job, "bug-22", 1);
                    topic.awaitNoLag(job, "marks");
                });
        assertThat(
                        database.texts(
                                "SELECT page_views || ' ' || total_events FROM"
                                        + " business.site_session_details_current_v"))
                .containsExactly("3 3");
        assertThat(
                        database.number(
                                "SELECT count(*) FROM raw.site_tracking_events_r"
                                        + " WHERE payload::text LIKE '%bug-22-e004%'"))
                .isZero();
        assertThat(VaultRows.ledger(database))
                .containsEntry("RECEIVED", 4L)
                .containsEntry("ACCEPTED", 3L);

        topic.register("newcomer");
        recover();
        topic.run(
                "marks",
                job -> {
                    topic.awaitClosed(job, "newcomer", 1);
                    topic.awaitNoLag(job, "marks");
                });
        assertThat(VaultRows.ledger(database))
                .containsEntry("RECEIVED", 4L)
                .containsEntry("RECEIVED RECOVERED", 1L)
                .containsEntry("ACCEPTED", 4L);
        VaultRows.assertSound(database);
    }

    private void recover() throws Exception {
        Path config = folder.resolve("job.properties");
        Files.writeString(
                config,
                """
                kafka.bootstrap-servers=%s
                kafka.rejected-topic=%s
                privacy.secret=%s
                """
                        .formatted(
                                topic.bootstrapServers(),
                                JobRuns.REJECTED_TOPIC,
                                TestSecret.reference(JobRuns.SECRET)));
        RecoverRun run = RecoverRun.of("--config", config.toString(), "--tenant", "newcomer");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("1 events");
    }
}
