package io.onevault.tracking.job;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.EventTime;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Decodes Kafka records inside the source, so that each partition has watermarks of its own by
 * event time and JSON is parsed once. Never fails on a record.
 */
final class DecodeRecords implements KafkaRecordDeserializationSchema<DecodedRecord> {

    private static final long serialVersionUID = 1;

    /**
     * Header of a record without value: decimal epoch milliseconds before which no event follows in
     * its partition.
     */
    static final String TICK_HEADER = "site-tracking-tick";

    // -- runtime
    private transient TrackerEventDecoder decoder;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder = new TrackerEventDecoder(new Redactor()::redact);
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<DecodedRecord> out) {
        SourcePosition position =
                new SourcePosition(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        Instant.ofEpochMilli(record.timestamp()),
                        recovery(record.headers().lastHeader(Recovery.HEADER)));
        Header tick = record.headers().lastHeader(TICK_HEADER);
        if (tick != null && record.value() == null) {
            out.collect(tick(tick, position));
        } else {
            byte[] value = record.value() == null ? new byte[0] : record.value();
            out.collect(decode(value, position));
        }
    }

    private static @Nullable Recovery recovery(@Nullable Header header) {
        return header == null || header.value() == null
                ? null
                : Recovery.parse(new String(header.value(), StandardCharsets.UTF_8));
    }

    private DecodedRecord decode(byte[] value, SourcePosition position) {
        Decoded decoded = decoder.decode(value);
        if (decoded instanceof Decoded.Valid valid) {
            EventTime time = EventTime.resolve(valid.event().timing(), position.firstAppendedAt());
            List<Suspicion> suspicions =
                    time.suspicion() == null
                            ? valid.suspicions()
                            : Suspicion.with(valid.suspicions(), time.suspicion());
            return new DecodedRecord(
                    valid.event(), null, time.occurredAt(), suspicions, value, position);
        }
        Decoded.Rejected rejected = (Decoded.Rejected) decoded;
        Instant occurredAt =
                rejected.occurredAt() == null ? position.firstAppendedAt() : rejected.occurredAt();
        RejectedEvent event =
                new RejectedEvent(
                        rejected.reason(),
                        rejected.field(),
                        rejected.expected(),
                        rejected.tenantBk(),
                        null,
                        occurredAt,
                        rejected.payload(),
                        value,
                        position);
        return new DecodedRecord(null, event, occurredAt, List.of(), value, position);
    }

    private static DecodedRecord tick(Header header, SourcePosition position) {
        String millis = new String(header.value(), StandardCharsets.US_ASCII);
        try {
            Instant time = Instant.ofEpochMilli(Long.parseLong(millis));
            return new DecodedRecord(null, null, time, List.of(), new byte[0], position);
        } catch (NumberFormatException e) {
            RejectedEvent event =
                    new RejectedEvent(
                            RejectReason.EMPTY,
                            TICK_HEADER,
                            "decimal epoch milliseconds",
                            null,
                            null,
                            position.appendedAt(),
                            null,
                            new byte[0],
                            position);
            return new DecodedRecord(
                    null, event, position.appendedAt(), List.of(), new byte[0], position);
        }
    }

    @Override
    public TypeInformation<DecodedRecord> getProducedType() {
        return TypeInformation.of(DecodedRecord.class);
    }
}
