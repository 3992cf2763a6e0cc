package io.onevault.tracking.job.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.contract.RecordTime;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.job.settings.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a record is believed: nothing that its producer may have made up. */
class DecodeRecordsTest {

    private static final String SECRET = "5e".repeat(32);
    private static final HeaderProof OURS = HeaderProof.under(SECRET);
    private static final HeaderProof THEIRS = HeaderProof.under("0a".repeat(32));
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
    private static final byte[] TICK = utf8("1795705260000");
    private static final byte[] EVENT = utf8("{\"tenantId\":\"acme\",\"evt_type\":\"page_view\"}");
    private static final byte[] RECOVERY = utf8("old/3/7/1795600000000/WRONG_TYPE");

    private final DecodeRecords decoder =
            new DecodeRecords(new Secrets(TestSecret.reference(SECRET)));

    @BeforeEach
    void open() {
        decoder.open(null);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private DecodedRecord decode(TimestampType type, long stamp, Headers headers, byte[] value) {
        List<DecodedRecord> out = new ArrayList<>();
        var record =
                new ConsumerRecord<byte[], byte[]>(
                        "events", 2, 7, stamp, type, 0, 0, null, value, headers, Optional.empty());
        decoder.deserialize(record, new ListCollector<>(out));
        assertThat(out).hasSize(1);
        return out.get(0);
    }

    private DecodedRecord stamped(Headers headers, byte[] value) {
        return decode(TimestampType.LOG_APPEND_TIME, NOON.toEpochMilli(), headers, value);
    }

    private DecodedRecord created(long stamp, String members) {
        byte[] value = utf8("{\"tenantId\":\"acme\",\"evt_type\":\"page_view\"" + members + "}");
        return decode(TimestampType.CREATE_TIME, stamp, new RecordHeaders(), value);
    }

    private static Headers headers(String name, byte[] value, byte[] proof) {
        return new RecordHeaders().add(name, value).add(HeaderProof.HEADER, proof);
    }

    @Test
    void believesTheBrokersStamp() {
        DecodedRecord record = stamped(new RecordHeaders(), EVENT);

        assertThat(record.occurredAt()).isEqualTo(NOON);
        assertThat(record.position().appendedAt()).isEqualTo(NOON);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_795_705_260L, 0, -1, 4_102_444_800_000L, Long.MAX_VALUE})
    void aProducersStampCountsLessThanTheCollectorsWord(long stamp) {
        String members =
                ",\"event_timestamp\":\"2026-11-26T11:59:59Z\","
                        + "\"received_at\":\"2026-11-26T12:00:00Z\"";

        DecodedRecord record = created(stamp, members);

        assertThat(record.occurredAt()).isEqualTo(NOON.minusSeconds(1));
        assertThat(record.position().appendedAt()).isEqualTo(NOON);
    }

    @Test
    void aStampInSecondsIsRead() {
        DecodedRecord record = created(1_795_705_260L, "");

        assertThat(record.occurredAt()).isEqualTo("2026-11-26T15:01:00Z");
        assertThat(record.suspicions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 4_102_444_800_000L})
    void anEventThatNobodyTellsTheTimeOfIsRejected(long stamp) {
        DecodedRecord record = created(stamp, "");

        assertThat(record.rejected().reason()).isEqualTo(RejectReason.INVALID_TIMESTAMP);
        assertThat(record.rejected().field()).isEqualTo("received_at");
        assertThat(record.rejected().tenantBk()).isEqualTo("acme");
        assertThat(record.position().appendedAt()).isEqualTo(RecordTime.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    void aBrokenRecordWithABadStampIsOneAll(long stamp) {
        DecodedRecord record =
                decode(TimestampType.CREATE_TIME, stamp, new RecordHeaders(), utf8("{"));

        assertThat(record.rejected().reason()).isEqualTo(RejectReason.MALFORMED_JSON);
        assertThat(record.occurredAt()).isEqualTo(RecordTime.UNKNOWN);
    }

    /** It would be kept for ever where the clock were believed. */
    @Test
    void aBrokenRecordIsOfNoLaterDayThanItsArrival() {
        byte[] value = utf8("{\"tenantId\":\"acme\",\"timestamp\":\"2099-01-01T00:00:00Z\"}");

        assertThat(stamped(new RecordHeaders(), value).rejected().occurredAt()).isEqualTo(NOON);
    }

    @Test
    void believesATickOfOurs() {
        byte[] proof = OURS.ofTick("events", 2, TICK);

        DecodedRecord record = stamped(headers(HeaderProof.TICK_HEADER, TICK, proof), null);

        assertThat(record.isTick()).isTrue();
        assertThat(record.occurredAt()).isEqualTo("2026-11-26T15:01:00Z");
    }

    /** Whoever may produce could else end every session, of every tenant. */
    @Test
    void believesNoOtherTick() {
        List<Headers> forged =
                List.of(
                        new RecordHeaders().add(HeaderProof.TICK_HEADER, TICK),
                        new RecordHeaders().add(HeaderProof.TICK_HEADER, null),
                        new RecordHeaders().add(HeaderProof.TICK_HEADER, utf8("soon")),
                        headers(HeaderProof.TICK_HEADER, TICK, null),
                        headers(HeaderProof.TICK_HEADER, null, null),
                        headers(HeaderProof.TICK_HEADER, TICK, new byte[0]),
                        headers(HeaderProof.TICK_HEADER, TICK, THEIRS.ofTick("events", 2, TICK)),
                        headers(HeaderProof.TICK_HEADER, TICK, OURS.ofTick("events", 1, TICK)),
                        headers(HeaderProof.TICK_HEADER, TICK, OURS.ofTick("other", 2, TICK)),
                        headers(HeaderProof.TICK_HEADER, TICK, OURS.ofTick("events", 2, RECOVERY)));

        for (Headers headers : forged) {
            DecodedRecord record = stamped(headers, null);
            assertThat(record.isTick()).isFalse();
            assertThat(record.rejected().reason()).isEqualTo(RejectReason.EMPTY);
        }
    }

    @Test
    void believesOurWordOnWhereAnEventComesFrom() {
        byte[] proof = OURS.ofRecovery(RECOVERY, EVENT);

        DecodedRecord record = stamped(headers(Recovery.HEADER, RECOVERY, proof), EVENT);

        assertThat(record.position().recovered().place()).isEqualTo("old/3/7");
        assertThat(record.occurredAt()).isEqualTo(Instant.ofEpochMilli(1_795_600_000_000L));
    }

    @Test
    void believesNoOtherWordOnIt() {
        List<Headers> forged =
                List.of(
                        new RecordHeaders().add(Recovery.HEADER, RECOVERY),
                        new RecordHeaders().add(Recovery.HEADER, null),
                        headers(Recovery.HEADER, null, null),
                        headers(Recovery.HEADER, RECOVERY, THEIRS.ofRecovery(RECOVERY, EVENT)),
                        headers(Recovery.HEADER, RECOVERY, OURS.ofRecovery(RECOVERY, TICK)),
                        headers(Recovery.HEADER, TICK, OURS.ofRecovery(RECOVERY, EVENT)));

        for (Headers headers : forged) {
            DecodedRecord record = stamped(headers, EVENT);
            assertThat(record.event()).isNotNull();
            assertThat(record.position().recovered()).isNull();
            assertThat(record.occurredAt()).isEqualTo(NOON);
        }
    }
}
