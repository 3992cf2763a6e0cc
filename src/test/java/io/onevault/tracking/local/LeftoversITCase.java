package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What connectors and others leave in a topic: odd values, tombstones, odd headers. */
@ExtendWith(PostgresExtension.class)
class LeftoversITCase {

    @TempDir Path folder;
    private TestDatabase database;
    private OddTopic topic;

    @BeforeEach
    void start(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        topic =
                new OddTopic(
                        folder, database, 8, Map.of("message.timestamp.type", "LogAppendTime"));
    }

    @AfterEach
    void stop() throws Exception {
        topic.close();
    }

    @Test
    void whatAConnectorLeavesIsRejectedAndHoldsNobodyUp() throws Exception {
        topic.register("bug-27");
        List<byte[]> lines = Cases.lines("27-outbox-leftovers");
        String tick = HeaderProof.TICK_HEADER;
        int empty = 0;
        try (var producer = topic.producer(Map.of())) {
            for (byte[] line : lines) {
                producer.send(new ProducerRecord<>(topic.name(), 0, null, line));
            }
            byte[] good =
                    JobRuns.utf8(
                            new String(lines.get(0), StandardCharsets.UTF_8)
                                    .replace("e001", "e950"));
            var headed = new ProducerRecord<byte[], byte[]>(topic.name(), 0, null, good);
            headed.headers().add("site-tracking-recovered-from", null).add(tick, null);
            headed.headers().add(HeaderProof.HEADER, null).add("trace", null);
            producer.send(headed);
            byte[][] ticks = {null, {}, JobRuns.utf8("soon"), JobRuns.utf8("4102444800000")};
            for (byte[] value : ticks) {
                var record = new ProducerRecord<byte[], byte[]>(topic.name(), 0, new byte[1], null);
                record.headers().add(tick, value);
                producer.send(record);
                empty++;
            }
            producer.send(new ProducerRecord<>(topic.name(), 0, new byte[1], null));
            producer.send(new ProducerRecord<>(topic.name(), 0, new byte[1], new byte[0]));
            empty += 2;
        }
        int all = lines.size() + 1 + empty;

        topic.run(
                "leftovers",
                job -> {
                    topic.await(job, OddTopic.RECEIVED, all);
                    topic.awaitClosed(job, "bug-27", 1);
                });
        // Loaded are the first line, the last behind its byte order mark, and the headed one.
        assertThat(VaultRows.ledger(database))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", (long) all,
                                "ACCEPTED", 3L,
                                "REJECTED NOT_AN_OBJECT", 2L,
                                "REJECTED MISSING_TENANT", 2L,
                                "REJECTED EMPTY", (long) empty));
        assertThat(
                        database.texts(
                                "SELECT split_part(event_bk, '.', 1) FROM business.site_event_h"
                                        + " ORDER BY 1"))
                .containsExactly("evt_bug-27-e001", "evt_bug-27-e902", "evt_bug-27-e950");
        VaultRows.assertSound(database);
        Map<String, List<String>> before = VaultRows.rows(database, VaultRows.ALL);

        // A second job, from the beginning and without state.
        topic.run("leftovers-again", job -> topic.await(job, OddTopic.RECEIVED, 2L * all));
        assertThat(VaultRows.rows(database, VaultRows.ALL)).isEqualTo(before);
    }
}
