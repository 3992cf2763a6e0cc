package io.onevault.tracking.job.read;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Secrets;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.jspecify.annotations.Nullable;

/** What the job reads in Kafka. */
final class KafkaEndpoints {

    private static final String SOURCE = "source";
    private static final String INTERCEPTORS = ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG;

    private KafkaEndpoints() {}

    /** Tracker events, from the group's committed offsets or else from the beginning. */
    @SuppressWarnings("deprecation") // the connector's own parameter type
    static KafkaSource<DecodedRecord> trackerEvents(JobSettings settings) {
        KafkaAccess kafka = settings.kafka();
        Properties consumer = kafka.consumer(SOURCE);
        return KafkaSource.<DecodedRecord>builder()
                .setProperties(consumer)
                // Its consumers and admin clients put their own numbers behind it.
                .setClientIdPrefix(kafka.clientId(SOURCE))
                .setTopics(settings.get(JobOptions.KAFKA_TOPIC))
                .setGroupId(settings.get(JobOptions.KAFKA_GROUP))
                .setStartingOffsets(
                        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                // What a command that recovers events did not finish is not there.
                .setProperty("isolation.level", "read_committed")
                .setProperty(INTERCEPTORS, interceptors(consumer.getProperty(INTERCEPTORS)))
                .setDeserializer(
                        new DecodeRecords(new Secrets(settings.get(JobOptions.PRIVACY_SECRET))))
                .build();
    }

    private static String interceptors(@Nullable String operators) {
        String own = PassMarks.class.getName();
        return operators == null ? own : own + ',' + operators;
    }

    /** What is left to read of the tracker events. */
    static Backlog backlog(JobSettings settings) {
        return new KafkaBacklog(
                settings.kafka(),
                settings.get(JobOptions.KAFKA_TOPIC),
                settings.get(JobOptions.KAFKA_GROUP));
    }
}
