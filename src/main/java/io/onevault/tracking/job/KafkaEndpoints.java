package io.onevault.tracking.job;

import io.onevault.tracking.contract.RejectedEvents;
import io.onevault.tracking.event.RejectedEvent;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** The job's source and sink in Kafka. */
final class KafkaEndpoints {

    /** A rejected event holds the original in Base64, which may be longer than an event may be. */
    private static final String MAX_REQUEST_BYTES = "8388608";

    private KafkaEndpoints() {}

    /** Tracker events, from the group's committed offsets or else from the beginning. */
    @SuppressWarnings("deprecation") // the connector's own parameter type
    static KafkaSource<DecodedRecord> trackerEvents(JobSettings settings) {
        return KafkaSource.<DecodedRecord>builder()
                .setProperties(connection(settings))
                .setTopics(settings.get(JobOptions.KAFKA_TOPIC))
                .setGroupId(settings.get(JobOptions.KAFKA_GROUP))
                .setStartingOffsets(
                        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                // What a command that recovers events did not finish is not there.
                .setProperty("isolation.level", "read_committed")
                .setDeserializer(new DecodeRecords())
                .build();
    }

    /** Rejected events; after a failure some may come twice, none is lost. */
    static Sink<RejectedEvent> rejected(JobSettings settings) {
        return KafkaSink.<RejectedEvent>builder()
                .setKafkaProducerConfig(connection(settings))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setProperty("max.request.size", MAX_REQUEST_BYTES)
                .setRecordSerializer(
                        KafkaRecordSerializationSchema.<RejectedEvent>builder()
                                .setTopic(settings.get(JobOptions.KAFKA_REJECTED_TOPIC))
                                .setValueSerializationSchema(new RejectedJson())
                                .build())
                .build();
    }

    /** What is left to read of the tracker events. */
    static Backlog backlog(JobSettings settings) {
        return new KafkaBacklog(
                connection(settings),
                settings.get(JobOptions.KAFKA_TOPIC),
                settings.get(JobOptions.KAFKA_GROUP));
    }

    /** How every client of the job reaches the brokers. */
    private static Properties connection(JobSettings settings) {
        Properties connection = new Properties();
        connection.setProperty(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                settings.get(JobOptions.KAFKA_SERVERS));
        return connection;
    }

    /** A class of its own, as Flink reads its type parameter. */
    private static final class RejectedJson implements SerializationSchema<RejectedEvent> {

        private static final long serialVersionUID = 1;

        @Override
        public byte[] serialize(RejectedEvent event) {
            return RejectedEvents.toJson(event, SiteTrackingJob.version());
        }
    }
}
