package io.onevault.tracking.job.read;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Secrets;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.state.KeptTime;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.jspecify.annotations.Nullable;

/** The steps that read records from Kafka and keep event time. */
public record ReadSteps(JobSettings settings) {

    /** Name of the state in which the watermark is kept. */
    public static final String KEPT_TIME = "time";

    private static final String SOURCE = "source";
    private static final String INTERCEPTORS = ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG;

    /**
     * Asks Kafka before the start who stamps the records of the topic, and how long they are kept.
     *
     * @throws InvalidSettingsException where producers do and the settings do not say that it is
     *     meant
     */
    public void checkTopics() throws InterruptedException {
        TopicSettings.check(settings);
    }

    /**
     * The watermark that steps behind had, which lets them neither go back nor run ahead: the least
     * of the subtasks whose input was flowing, or else the greatest one of all.
     */
    public static long keptWatermark(Iterable<KeptTime> kept) {
        long flowing = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (KeptTime subtask : kept) {
            greatest = Math.max(greatest, subtask.watermark());
            if (!subtask.silent()) {
                flowing = Math.min(flowing, subtask.watermark());
            }
        }
        return Math.min(flowing, greatest);
    }

    public DataStream<DecodedRecord> read(StreamExecutionEnvironment env) {
        Duration grace = settings.get(JobOptions.IDLE_GRACE);
        var records =
                Step.TRACKER_EVENTS.of(
                        env.fromSource(
                                source(),
                                TrackerWatermarks.strategy(
                                        settings.get(JobOptions.OUT_OF_ORDERNESS), grace),
                                Step.TRACKER_EVENTS.id()));
        return Step.KEEP_TIME.transform(records, records.getType(), new KeepTime(backlog(), grace));
    }

    /** Tracker events, from the group's committed offsets or else from the beginning. */
    @SuppressWarnings("deprecation") // the connector's own parameter type
    private KafkaSource<DecodedRecord> source() {
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
    private Backlog backlog() {
        return new KafkaBacklog(
                settings.kafka(),
                settings.get(JobOptions.KAFKA_TOPIC),
                settings.get(JobOptions.KAFKA_GROUP));
    }
}
