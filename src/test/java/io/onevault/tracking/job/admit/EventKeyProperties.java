package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.read.TestDecoder;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.RunMarks;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ids used again and again, read from two partitions in random interleavings, decoded, admitted,
 * archived and loaded, with crashes at random points: each goes back to a checkpoint, behind what
 * was written already, and reads on in another interleaving. In the end the archive has forgotten
 * all, and all is read once more. The vault is the one of a run without crashes, row for row.
 */
@ExtendWith(PostgresExtension.class)
class EventKeyProperties {

    private static final int SETS = 1_000;
    private static final int SETS_PER_RUN = 40;
    private static final int CRASHES = 3;
    private static final Duration MEMORY = Duration.ofDays(7);

    /** They tell the record that came first, which is a matter of how the partitions were read. */
    private static final List<String> SHARED =
            List.of(
                    "business.site_visitor_h",
                    "business.site_page_h",
                    "business.business_item_h",
                    "business.visitor_business_item_l");

    private static final List<String> GRAIN =
            List.of(
                    "raw.site_tracking_events_r",
                    "staging.site_tracking_events_s",
                    "business.site_event_h",
                    "business.site_event_details_s",
                    "business.event_page_l",
                    "business.event_business_item_l",
                    "business.site_rollup_b");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void crashesChangeNoRowWhateverTheInterleaving(boolean moving, TestPostgres postgres)
            throws Exception {
        TestDatabase undisturbed = postgres.vault();
        TestDatabase disturbed = postgres.vault();
        long events = 0;
        try (Run straight = new Run(undisturbed);
                Run crashing = new Run(disturbed)) {
            for (int set = 0; set < SETS; set += SETS_PER_RUN) {
                List<String> tenants = new ArrayList<>();
                for (int i = set; i < set + SETS_PER_RUN; i++) {
                    tenants.add("tenant" + i);
                }
                Random random = new Random(set);
                ReusedIds input = new ReusedIds(tenants, random, moving);
                List<Integer> order = input.order(random);
                straight.play(input, order, random, 0);
                // When an event that moves occurred, what was read and written first tells.
                crashing.play(input, moving ? order : input.order(random), random, CRASHES);
                crashing.playWithoutMemory(input, input.order(random));
                events += input.events();
            }
        }

        for (String table : GRAIN) {
            assertThat(rows(disturbed, "to_jsonb(t)", table))
                    .as(table)
                    .isNotEmpty()
                    .isEqualTo(rows(undisturbed, "to_jsonb(t)", table));
        }
        for (String table : SHARED) {
            assertThat(rows(disturbed, "to_jsonb(t) - 'load_date'", table))
                    .as(table)
                    .isNotEmpty()
                    .isEqualTo(rows(undisturbed, "to_jsonb(t) - 'load_date'", table));
        }
        assertThat(disturbed.number("SELECT count(*) FROM business.site_event_h"))
                .isEqualTo(events);
        assertThat(disturbed.number("SELECT count(*) FROM raw.site_tracking_event_time_r"))
                .isPositive();
        System.out.println("EventKeyProperties: " + SETS + " sets, " + events + " events");
    }

    private static List<String> rows(TestDatabase database, String row, String table)
            throws SQLException {
        return database.texts("SELECT (" + row + ")::text FROM " + table + " AS t ORDER BY 1");
    }

    /** The steps from the record to the vault, without what lies between them. */
    private static final class Run implements AutoCloseable {

        private final KafkaRecordDeserializationSchema<DecodedRecord> decoder =
                TestDecoder.of("00".repeat(32));
        private final Admission admission =
                new Admission(
                        Duration.ofHours(3),
                        instant -> new byte[32],
                        address -> null,
                        new AgentSummaries(10));
        private final Enrich enrich = new Enrich(100);
        private final EventLoader loader =
                new EventLoader(
                        "test", new RunMarks("run", "test", MEMORY, List.of(), Clock.systemUTC()));
        private final Connection connection;

        private KeyedTwoInputStreamOperatorTestHarness<
                        String, AdmittedEvent, ErasedEvent, AdmittedEvent>
                archive;
        private int[] offsets;

        Run(TestDatabase database) throws Exception {
            connection = database.connect();
            decoder.open(null);
            enrich.open(null);
        }

        /**
         * Reads all of the input in the order, and goes back to a checkpoint so many times on the
         * way; then what was written is read again in another order, and the rest as it was.
         */
        void play(ReusedIds input, List<Integer> given, Random random, int crashes)
                throws Exception {
            List<Integer> order = new ArrayList<>(given);
            offsets = new int[input.partitions().size()];
            start(null);
            for (int crash = 0; crash < crashes; crash++) {
                read(input, order, random.nextInt(400));
                write();
                OperatorSubtaskState checkpoint = archive.snapshot(crash, crash);
                int[] checkpointed = offsets.clone();
                int from = place();
                int written = from;
                read(input, order, random.nextInt(400));
                if (random.nextBoolean()) {
                    write();
                    written = place();
                    read(input, order, random.nextInt(100));
                }
                archive.close();
                offsets = checkpointed;
                start(checkpoint);
                Collections.shuffle(order.subList(from, written), random);
            }
            read(input, order, order.size());
            write();
            archive.close();
        }

        /** As after a loss of state, or after the time for which an event is remembered. */
        void playWithoutMemory(ReusedIds input, List<Integer> order) throws Exception {
            offsets = new int[input.partitions().size()];
            start(null);
            read(input, order, order.size());
            write();
            archive.close();
        }

        private void start(OperatorSubtaskState state) throws Exception {
            archive =
                    new KeyedTwoInputStreamOperatorTestHarness<>(
                            new KeyedCoProcessOperator<>(new Archive(MEMORY)),
                            Archive::key,
                            Archive::key,
                            Types.STRING);
            if (state != null) {
                archive.initializeState(state);
            }
            archive.open();
        }

        private int place() {
            return Arrays.stream(offsets).sum();
        }

        private void read(ReusedIds input, List<Integer> order, int most) throws Exception {
            int from = place();
            int end = Math.min(order.size(), from + most);
            for (int partition : List.copyOf(order.subList(from, end))) {
                receive(input.partitions().get(partition).get(offsets[partition]));
                offsets[partition]++;
            }
        }

        private void receive(ConsumerRecord<byte[], byte[]> record) throws Exception {
            List<DecodedRecord> decoded = new ArrayList<>();
            decoder.deserialize(record, new ListCollector<>(decoded));
            DecodedRecord one = decoded.get(0);
            assertThat(one.rejected()).isNull();
            archive.processElement1(
                    admission.admit(one, one.event(), tenant(one.event().tenantBk()), Keeping.FULL),
                    0);
        }

        private static Tenant tenant(String bk) {
            return new Tenant(
                    bk,
                    TestEvents.tenantHk(bk),
                    "0b".repeat(16),
                    SessionRules.DEFAULT,
                    null,
                    List.of(),
                    ZoneOffset.UTC,
                    List.of(),
                    PrivacyRules.DEFAULT);
        }

        /** What the archive let pass since the last time, as one micro-batch. */
        private void write() throws SQLException {
            List<EnrichedEvent> batch = new ArrayList<>();
            archive.extractOutputValues().forEach(event -> batch.add(enrich.map(event)));
            archive.getOutput().clear();
            if (batch.isEmpty()) {
                return;
            }
            assertThat(loader.load(connection, batch)).isEmpty();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
