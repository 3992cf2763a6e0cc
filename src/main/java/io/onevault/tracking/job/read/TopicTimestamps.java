package io.onevault.tracking.job.read;

import io.onevault.tracking.access.References;
import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka at the start who stamps the records of the job's topic. What a record says itself is
 * what counts later, so a topic that is altered meanwhile, or that can't be asked about, is no
 * danger.
 */
final class TopicTimestamps {

    private static final Logger LOG = LoggerFactory.getLogger(TopicTimestamps.class);
    private static final int ANSWER_MILLIS = 10_000;

    private TopicTimestamps() {}

    /**
     * @throws InvalidSettingsException where producers stamp the records and the settings do not
     *     say that this is meant
     */
    static void check(JobSettings settings) throws InterruptedException {
        String topic = settings.get(JobOptions.KAFKA_TOPIC);
        String type;
        try {
            type = type(topic, settings.kafka().admin("start"));
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("Kafka does not tell who stamps the records of topic {}: {}", topic, why(e));
            return;
        }
        LOG.info("Topic {} has {}={}", topic, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, type);
        if (type.equals(TimestampType.LOG_APPEND_TIME.name)) {
            return;
        }
        if (!settings.get(JobOptions.KAFKA_CREATE_TIME)) {
            throw new InvalidSettingsException(List.of(refusal(topic, type)));
        }
        LOG.warn(
                "Records of topic {} are stamped by their producers; an event without a plausible"
                        + " received_at, stamp or time of its own is rejected",
                topic);
    }

    /** What Kafka says of a login's configuration may quote from it; what we say does not. */
    private static String why(Exception thrown) {
        StringBuilder why = new StringBuilder(thrown.getClass().getName());
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
            why.append(", ").append(cause.getClass().getName());
            if (cause instanceof References.UnresolvedReferenceException) {
                why.append(": ").append(cause.getMessage());
            }
        }
        return why.toString();
    }

    private static String refusal(String topic, String type) {
        return "--%s: records of topic %s are stamped by their producers (%s=%s). Have the broker stamp them (%s=%s), or set %s=true and see docs/event-contract.md"
                .formatted(
                        JobOptions.KAFKA_CREATE_TIME.key(),
                        topic,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        type,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        TimestampType.LOG_APPEND_TIME.name,
                        JobOptions.KAFKA_CREATE_TIME.key());
    }

    private static String type(String topic, Properties properties)
            throws ExecutionException, InterruptedException, TimeoutException {
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Admin admin = Admin.create(properties);
        try {
            return admin.describeConfigs(List.of(resource))
                    .values()
                    .get(resource)
                    .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                    .get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)
                    .value();
        } finally {
            admin.close(Duration.ZERO);
        }
    }
}
