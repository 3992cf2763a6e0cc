package io.onevault.tracking.job.read;

import io.onevault.tracking.access.References;
import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka at the start who stamps the records of the job's topic, and for how long it keeps
 * them. What a record says itself is what counts later, so a topic that is altered meanwhile, or
 * that can't be asked about, is no danger.
 */
final class TopicSettings {

    private static final Logger LOG = LoggerFactory.getLogger(TopicSettings.class);
    private static final int ANSWER_MILLIS = 10_000;

    /** Both topics hold what was sent, with whatever is personal in it. */
    private static final Duration MOST_OF_EVENTS = Duration.ofDays(7);

    private static final Duration MOST_OF_REJECTED = Duration.ofDays(3);

    private TopicSettings() {}

    /**
     * @throws InvalidSettingsException where producers stamp the records and the settings do not
     *     say that this is meant
     */
    static void check(JobSettings settings) throws InterruptedException {
        String events = settings.get(JobOptions.KAFKA_TOPIC);
        String rejected = settings.get(JobOptions.KAFKA_REJECTED_TOPIC);
        Map<String, Config> told = ask(List.of(events, rejected), settings);
        checkRetention(rejected, told.get(rejected), MOST_OF_REJECTED);
        checkRetention(events, told.get(events), MOST_OF_EVENTS);
        checkStamps(events, told.get(events), settings.get(JobOptions.KAFKA_CREATE_TIME));
    }

    /** It is for the operator to say how long; what may be replayed is as much. */
    private static void checkRetention(String topic, @Nullable Config told, Duration most) {
        String setting = told == null ? null : keepingLonger(told, most);
        if (setting != null) {
            LOG.warn(
                    "Topic {} has {}: what was sent lies there for longer than {} days, see docs/privacy.md",
                    topic,
                    setting,
                    most.toDays());
        }
    }

    /** The setting by which a topic keeps records for longer than that; null where none does. */
    static @Nullable String keepingLonger(Config told, Duration most) {
        String policy = told.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        if (!policy.contains(TopicConfig.CLEANUP_POLICY_DELETE)) {
            return TopicConfig.CLEANUP_POLICY_CONFIG + "=" + policy;
        }
        long millis = Long.parseLong(told.get(TopicConfig.RETENTION_MS_CONFIG).value());
        boolean isLonger = millis < 0 || millis > most.toMillis();
        return isLonger ? TopicConfig.RETENTION_MS_CONFIG + "=" + millis : null;
    }

    private static void checkStamps(String topic, @Nullable Config told, boolean isMeant) {
        if (told == null) {
            return;
        }
        String type = told.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value();
        LOG.info("Topic {} has {}={}", topic, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, type);
        if (type.equals(TimestampType.LOG_APPEND_TIME.name)) {
            return;
        }
        if (!isMeant) {
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

    /** Without those of which Kafka does not tell. */
    private static Map<String, Config> ask(List<String> topics, JobSettings settings)
            throws InterruptedException {
        Properties properties = settings.kafka().admin("start");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        Admin admin;
        try {
            admin = Admin.create(properties);
        } catch (KafkaException e) {
            LOG.warn("Kafka can't be asked about topics {}: {}", topics, why(e));
            return Map.of();
        }
        try {
            return answers(admin, topics);
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private static Map<String, Config> answers(Admin admin, List<String> topics)
            throws InterruptedException {
        Map<String, Config> answers = new HashMap<>();
        List<ConfigResource> asked = new ArrayList<>();
        for (String topic : topics) {
            asked.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
        }
        var coming = admin.describeConfigs(asked).values();
        for (ConfigResource topic : asked) {
            try {
                answers.put(
                        topic.name(), coming.get(topic).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS));
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("Kafka does not tell of topic {}: {}", topic.name(), why(e));
            }
        }
        return answers;
    }
}
