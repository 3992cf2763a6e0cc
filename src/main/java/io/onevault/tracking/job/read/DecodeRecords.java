package io.onevault.tracking.job.read;

import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.EventTime;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.contract.RecordTime;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.job.settings.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Decodes Kafka records inside the source, so that each partition has watermarks of its own by
 * event time and JSON is parsed once. Never fails on a record, and believes none: its time counts
 * where the broker made it, its headers where one of our programs wrote them.
 */
final class DecodeRecords implements KafkaRecordDeserializationSchema<DecodedRecord> {

    private static final long serialVersionUID = 1;
    private static final byte[] NOTHING = new byte[0];

    // -- configuration
    private final Secrets secrets;

    // -- runtime
    private transient TrackerEventDecoder decoder;
    private transient HeaderProof proof;

    DecodeRecords(Secrets secrets) {
        this.secrets = secrets;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder = new TrackerEventDecoder(Redactor::redactJson, Redactor::redactTextOrUrl);
        proof = secrets.headerProof();
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<DecodedRecord> out) {
        if (record instanceof PassMarks.Mark) {
            out.collect(tick(record, Instant.EPOCH));
            return;
        }
        Instant tick = record.value() == null ? tick(record) : null;
        out.collect(tick == null ? decode(record) : tick(record, tick));
    }

    private @Nullable Instant tick(ConsumerRecord<byte[], byte[]> record) {
        byte[] tick = header(record, HeaderProof.TICK_HEADER);
        if (tick == null
                || !isProved(record, proof.ofTick(record.topic(), record.partition(), tick))) {
            return null;
        }
        try {
            String millis = new String(tick, StandardCharsets.US_ASCII);
            return Instant.ofEpochMilli(Long.parseLong(millis));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static DecodedRecord tick(ConsumerRecord<byte[], byte[]> record, Instant time) {
        SourcePosition position =
                new SourcePosition(record.topic(), record.partition(), record.offset(), time);
        return new DecodedRecord(null, null, Signals.NONE, time, List.of(), NOTHING, position);
    }

    private DecodedRecord decode(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value() == null ? NOTHING : record.value();
        Decoded decoded = decoder.decode(value);
        Instant appendedAt = appendedAt(record, decoded);
        SourcePosition position =
                new SourcePosition(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        appendedAt,
                        recovery(record, value));
        if (decoded instanceof Decoded.Rejected rejected) {
            return rejected(rejected, value, position);
        }
        if (appendedAt.equals(RecordTime.UNKNOWN)) {
            return rejected(decoder.withoutTime(value), value, position);
        }
        return valid((Decoded.Valid) decoded, value, position, isStamped(record));
    }

    private static boolean isStamped(ConsumerRecord<byte[], byte[]> record) {
        return record.timestampType() == TimestampType.LOG_APPEND_TIME;
    }

    private static Instant appendedAt(ConsumerRecord<byte[], byte[]> record, Decoded decoded) {
        if (isStamped(record)) {
            return Instant.ofEpochMilli(record.timestamp());
        }
        Timing timing =
                decoded instanceof Decoded.Valid valid
                        ? valid.event().timing()
                        : new Timing(((Decoded.Rejected) decoded).occurredAt(), null, null);
        return RecordTime.received(timing, record.timestamp()).truncatedTo(ChronoUnit.MILLIS);
    }

    private static DecodedRecord valid(
            Decoded.Valid valid, byte[] value, SourcePosition position, boolean isStamped) {
        EventTime time = eventTime(valid.event().timing(), position, isStamped);
        List<Suspicion> suspicions =
                time.suspicion() == null
                        ? valid.suspicions()
                        : Suspicion.with(valid.suspicions(), time.suspicion());
        return new DecodedRecord(
                valid.event(),
                null,
                Consent.signals(valid.event().client()),
                time.occurredAt(),
                suspicions,
                value,
                position);
    }

    private static EventTime eventTime(Timing timing, SourcePosition position, boolean isStamped) {
        Instant first = position.firstAppendedAt();
        if (isStamped) {
            return EventTime.resolve(timing, first);
        }
        Instant received = RecordTime.received(timing, first.toEpochMilli());
        return EventTime.resolve(
                new Timing(timing.eventTimestamp(), timing.sentAt(), null), received);
    }

    private static DecodedRecord rejected(
            Decoded.Rejected rejected, byte[] value, SourcePosition position) {
        // Of a client's clock as of an event: retention does not reach what is in the future.
        Instant occurredAt =
                EventTime.resolve(
                                new Timing(rejected.occurredAt(), null, null),
                                position.firstAppendedAt())
                        .occurredAt();
        RejectedEvent event =
                new RejectedEvent(
                        rejected.reason(),
                        rejected.field(),
                        rejected.expected(),
                        rejected.tenantBk(),
                        null,
                        rejected.named(),
                        occurredAt,
                        rejected.payload(),
                        value,
                        position,
                        null);
        return new DecodedRecord(
                null, event, rejected.signals(), occurredAt, List.of(), value, position);
    }

    private @Nullable Recovery recovery(ConsumerRecord<byte[], byte[]> record, byte[] value) {
        byte[] recovery = header(record, Recovery.HEADER);
        return recovery != null && isProved(record, proof.ofRecovery(recovery, value))
                ? Recovery.parse(new String(recovery, StandardCharsets.UTF_8))
                : null;
    }

    private static boolean isProved(ConsumerRecord<byte[], byte[]> record, byte[] wanted) {
        return HeaderProof.isEqual(wanted, header(record, HeaderProof.HEADER));
    }

    private static byte @Nullable [] header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    @Override
    public TypeInformation<DecodedRecord> getProducedType() {
        return TypeInformation.of(DecodedRecord.class);
    }
}
