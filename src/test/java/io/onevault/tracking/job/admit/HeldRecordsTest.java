package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.read.TestDecoder;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.job.step.SideOutputs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of unknown tenants, and what a slow database makes of them and of others. */
class HeldRecordsTest {

    private static final int FLOOD = 20_000;

    private final KafkaRecordDeserializationSchema<DecodedRecord> decoder =
            TestDecoder.of("00".repeat(16));
    private final Database database = new Database();
    private OneInputStreamOperatorTestHarness<DecodedRecord, AdmittedEvent> harness;

    /** Tenants that can be registered; may be away, or swallow every question but the first. */
    private static final class Database implements TenantReader {
        private static final long serialVersionUID = 1;
        private final transient Set<String> names = ConcurrentHashMap.newKeySet();
        private final transient AtomicInteger readings = new AtomicInteger();
        private final transient CountDownLatch answers = new CountDownLatch(1);
        private transient volatile boolean swallows;
        private transient volatile boolean away;
        private transient volatile @Nullable TenantReader instead;

        @Override
        public Tenants read(SaltMemory memory) throws Exception {
            readings.incrementAndGet();
            TenantReader other = instead;
            if (other != null) {
                return other.read(memory);
            }
            if (swallows) {
                answers.await();
            }
            if (away) {
                throw new IOException("the database is away");
            }
            Map<String, Tenant> tenants = new ConcurrentHashMap<>();
            for (String name : names) {
                String hk = "0a".repeat(32);
                tenants.put(
                        name,
                        new Tenant(
                                name,
                                hk,
                                "ff",
                                SessionRules.DEFAULT,
                                null,
                                List.of(),
                                ZoneOffset.UTC,
                                List.of(),
                                PrivacyRules.DEFAULT));
            }
            return new Tenants(tenants, Set.of("twice"), Map.of());
        }
    }

    @BeforeEach
    void open() throws Exception {
        database.names.add("acme");
        harness =
                new OneInputStreamOperatorTestHarness<>(
                        new Admit(
                                database,
                                Duration.ofHours(1),
                                Duration.ofHours(3),
                                Duration.ofHours(1),
                                new LookUps("", 10)));
        harness.open();
        decoder.open(null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
        database.answers.countDown();
    }

    private void receive(String tenant) throws Exception {
        String json = "{\"tenantId\":\"" + tenant + "\",\"evt_type\":\"x\",\"session_id\":\"s\"}";
        List<DecodedRecord> decoded = new ArrayList<>();
        decoder.deserialize(
                new ConsumerRecord<>(
                        "events",
                        0,
                        7,
                        1_000,
                        TimestampType.LOG_APPEND_TIME,
                        0,
                        0,
                        new byte[0],
                        json.getBytes(StandardCharsets.UTF_8),
                        new RecordHeaders(),
                        Optional.empty()),
                new ListCollector<>(decoded));
        harness.processElement(decoded.get(0), 1_000);
    }

    private List<String> admitted() {
        return harness.extractOutputValues().stream().map(AdmittedEvent::tenantBk).toList();
    }

    private List<RejectReason> rejected() {
        var records = harness.getSideOutput(SideOutputs.REJECTED);
        return records == null
                ? List.of()
                : records.stream().map(record -> record.getValue().reason()).toList();
    }

    private long watermark() {
        return harness.getOutput().stream()
                .filter(Watermark.class::isInstance)
                .mapToLong(mark -> ((Watermark) mark).getTimestamp())
                .max()
                .orElse(Long.MIN_VALUE);
    }

    private void awaitRelease() throws Exception {
        awaitReleased(1);
    }

    /** Lets time pass, slowly for slow machines, until the operator has let so many go. */
    private void awaitReleased(int count) throws Exception {
        long from = System.nanoTime();
        while (admitted().size() + rejected().size() < count) {
            harness.setProcessingTime((System.nanoTime() - from) / 10_000_000);
            Thread.onSpinWait();
        }
    }

    @Test
    void aTenantRegisteredWhileTheJobRunsIsAdmittedFromItsFirstEventOn() throws Exception {
        database.names.add("new");

        receive("new");
        harness.processWatermark(500);
        assertThat(admitted()).as("known by the next reading only").isEmpty();
        assertThat(watermark()).as("time waits with it").isEqualTo(Long.MIN_VALUE);

        awaitRelease();

        assertThat(admitted()).containsExactly("new");
        assertThat(rejected()).isEmpty();
        assertThat(watermark()).isEqualTo(500);
        assertThat(database.readings).hasValue(2);
    }

    @Test
    void anUnknownTenantIsRejectedByAReadingThatBeganAfterItsEventCame() throws Exception {
        receive("nobody");
        awaitRelease();

        assertThat(rejected()).containsExactly(RejectReason.UNKNOWN_TENANT);
        assertThat(database.readings).hasValue(2);
    }

    @Test
    void aNameOfSeveralTenantsIsRejectedAtOnce() throws Exception {
        receive("twice");

        assertThat(rejected()).containsExactly(RejectReason.AMBIGUOUS_TENANT);
        assertThat(database.readings).hasValue(1);
    }

    @Test
    void aFloodOfUnknownTenantsBeforeADatabaseThatSwallowsHoldsNobodyUp() throws Exception {
        database.swallows = true;
        for (int i = 0; i < FLOOD; i++) {
            receive("nobody" + i);
            receive("acme");
        }

        assertThat(admitted()).hasSize(FLOOD).containsOnly("acme");
        assertThat(rejected())
                .as("beyond what may wait")
                .hasSize(FLOOD - HeldElements.MOST_RECORDS)
                .containsOnly(RejectReason.TENANTS_UNREADABLE);
        assertThat(database.readings.get()).as("not one for each event").isLessThanOrEqualTo(2);

        harness.processWatermark(500);
        harness.setProcessingTime(Admit.MOST_HELD_MILLIS);
        assertThat(rejected()).hasSize(FLOOD).containsOnly(RejectReason.TENANTS_UNREADABLE);
        assertThat(watermark()).isEqualTo(500);
    }

    /** A server that accepts connections and never says a word, behind the real client. */
    @Test
    void aDatabaseThatNeverAnswersHoldsNobodyUpAndIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            database.instead = readerOf(silent);
            receive("nobody");
            try (Socket asked = silent.accept()) {
                receive("acme");
                receive("acme");
                assertThat(admitted()).containsExactly("acme", "acme");
                assertThat(rejected()).as("held").isEmpty();

                harness.prepareSnapshotPreBarrier(1);
                assertThat(rejected()).containsExactly(RejectReason.TENANTS_UNREADABLE);
                assertThat(asked.getInputStream().readAllBytes()).as("it hung up").isNotEmpty();
            }

            database.instead = null;
            database.names.add("new");
            receive("new");
            awaitReleased(4);
            assertThat(admitted()).containsExactly("acme", "acme", "new");
        }
    }

    private static TenantReader readerOf(ServerSocket server) {
        String url = "jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/x";
        return new JdbcTenantReader(
                JobSettings.of(Settings.with("database.url", url, "database.user", "x")));
    }

    @Test
    void nothingIsHeldWhenABarrierPasses() throws Exception {
        database.names.add("new");
        receive("new");
        receive("nobody");
        harness.processWatermark(500);

        harness.prepareSnapshotPreBarrier(1);

        assertThat(admitted()).containsExactly("new");
        assertThat(rejected()).containsExactly(RejectReason.UNKNOWN_TENANT);
        assertThat(watermark()).isEqualTo(500);
    }

    @Test
    void aBarrierDoesNotWaitForADatabaseThatIsAway() throws Exception {
        database.away = true;
        receive("nobody");
        harness.prepareSnapshotPreBarrier(1);
        receive("nobody");
        harness.prepareSnapshotPreBarrier(2);

        assertThat(rejected())
                .containsExactly(RejectReason.TENANTS_UNREADABLE, RejectReason.TENANTS_UNREADABLE);
    }

    @Test
    void nothingIsHeldAtTheEndOfInput() throws Exception {
        receive("nobody");
        harness.processWatermark(Watermark.MAX_WATERMARK.getTimestamp());

        harness.endInput();
        harness.getOperator().finish();

        assertThat(rejected()).containsExactly(RejectReason.UNKNOWN_TENANT);
        assertThat(watermark()).isEqualTo(Watermark.MAX_WATERMARK.getTimestamp());
    }
}
