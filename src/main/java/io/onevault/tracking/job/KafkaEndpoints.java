package io.onevault.tracking.job;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.event.RejectedEvent;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** The job's source and sink in Kafka. */
final class KafkaEndpoints {

    private static final String SOURCE = "source";

    private KafkaEndpoints() {}

    /** Tracker events, from the group's committed offsets or else from the beginning. */
    @SuppressWarnings("deprecation") // the connector's own parameter type
    static KafkaSource<DecodedRecord> trackerEvents(JobSettings settings) {
        KafkaAccess kafka = settings.kafka();
        return KafkaSource.<DecodedRecord>builder()
                .setProperties(kafka.consumer(SOURCE))
                // Its consumers and admin clients put their own numbers behind it.
                .setClientIdPrefix(kafka.clientId(SOURCE))
                .setTopics(settings.get(JobOptions.KAFKA_TOPIC))
                .setGroupId(settings.get(JobOptions.KAFKA_GROUP))
                .setStartingOffsets(
                        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                // What a command that recovers events did not finish is not there.
                .setProperty("isolation.level", "read_committed")
                .setDeserializer(new DecodeRecords())
                .build();
    }

    /** Rejected events, with reason and original. */
    static Sink<RejectedEvent> rejected(JobSettings settings) {
        return new RejectedSink(settings.kafka(), settings.get(JobOptions.KAFKA_REJECTED_TOPIC));
    }

    /** What is left to read of the tracker events. */
    static Backlog backlog(JobSettings settings) {
        return new KafkaBacklog(
                settings.kafka(),
                settings.get(JobOptions.KAFKA_TOPIC),
                settings.get(JobOptions.KAFKA_GROUP));
    }
}
