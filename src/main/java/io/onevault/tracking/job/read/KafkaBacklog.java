package io.onevault.tracking.job.read;

import io.onevault.tracking.access.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * Asks Kafka for the ends of a topic and how far the job's group is. Read is what the caller knows,
 * what the group has committed with a checkpoint, and what Kafka no longer holds. Connects with the
 * first question.
 */
final class KafkaBacklog implements Backlog {

    private static final long serialVersionUID = 1;

    /** Longest wait for an answer; the clients' own limit is a minute. */
    private static final String ANSWER_MILLIS = "10000";

    // -- configuration
    private final KafkaAccess kafka;
    private final String topic;
    private final String group;

    // -- runtime
    private transient @Nullable Admin admin;

    private transient AwayPartitions away;

    /** Ends by the last answer; the next one may come on another thread. */
    private final AtomicReference<Map<TopicPartition, Long>> lastEnds = new AtomicReference<>();

    /**
     * @param group whose committed offsets tell what other subtasks have read
     */
    KafkaBacklog(KafkaAccess kafka, String topic, String group) {
        this.kafka = kafka;
        this.topic = topic;
        this.group = group;
    }

    @Override
    public CompletableFuture<Boolean> isNone(Map<Integer, Long> nextOffsets) {
        Map<TopicPartition, Long> known = known(nextOffsets);
        return ask((client, description) -> isNone(client, description, known));
    }

    @Override
    public CompletableFuture<Boolean> isHeldUp(Map<Integer, Long> nextOffsets) {
        Map<TopicPartition, Long> known = known(nextOffsets);
        return ask(
                (client, description) ->
                        away.look(client, description)
                                .thenCompose(looked -> isSomeLeft(client, known)));
    }

    private CompletableFuture<Boolean> isSomeLeft(Admin client, Map<TopicPartition, Long> known) {
        return away.isNone()
                ? CompletableFuture.completedFuture(false)
                : committed(client).thenApply(read -> !away.isNone(greater(read, known)));
    }

    /** What is asked of a topic that is described. */
    private interface Question {
        CompletableFuture<Boolean> ask(Admin client, TopicDescription description);
    }

    private CompletableFuture<Boolean> ask(Question question) {
        try {
            Admin client = connect();
            return await(client.describeTopics(List.of(topic)).topicNameValues().get(topic))
                    .thenCompose(description -> question.ask(client, description));
        } catch (KafkaException notConnected) {
            return CompletableFuture.failedFuture(notConnected);
        }
    }

    private Map<TopicPartition, Long> known(Map<Integer, Long> nextOffsets) {
        Map<TopicPartition, Long> known = new HashMap<>();
        nextOffsets.forEach((at, next) -> known.put(new TopicPartition(topic, at), next));
        return known;
    }

    private Admin connect() {
        if (admin == null) {
            // Each subtask has one, and none knows its number here.
            Properties properties = kafka.admin("backlog-" + UUID.randomUUID());
            properties.setProperty(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
            properties.setProperty(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
            away = new AwayPartitions();
            admin = Admin.create(properties);
        }
        return admin;
    }

    private CompletableFuture<Boolean> isNone(
            Admin client, TopicDescription description, Map<TopicPartition, Long> known) {
        List<TopicPartition> partitions =
                description.partitions().stream()
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .toList();
        CompletableFuture<Map<TopicPartition, Long>> committed = committed(client);
        CompletableFuture<Map<TopicPartition, Long>> begins =
                offsets(client, partitions, OffsetSpec::earliest);
        return offsets(client, partitions, OffsetSpec::latest)
                .thenCombine(
                        begins.thenCombine(committed, KafkaBacklog::greater),
                        (ends, read) -> isSilent(ends) && isRead(ends, greater(read, known)));
    }

    private CompletableFuture<Map<TopicPartition, Long>> committed(Admin client) {
        return await(client.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .exceptionally(KafkaBacklog::noneOfAnUnknownGroup)
                .thenApply(
                        offsets -> {
                            Map<TopicPartition, Long> committed = new HashMap<>();
                            offsets.forEach(
                                    (at, known) ->
                                            committed.put(at, known == null ? 0 : known.offset()));
                            return committed;
                        });
    }

    /** A group exists from its first commit on. */
    private static Map<TopicPartition, OffsetAndMetadata> noneOfAnUnknownGroup(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof GroupIdNotFoundException) {
            return Map.of();
        }
        throw new CompletionException(cause);
    }

    private static CompletableFuture<Map<TopicPartition, Long>> offsets(
            Admin client, List<TopicPartition> partitions, Supplier<OffsetSpec> which) {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        partitions.forEach(partition -> specs.put(partition, which.get()));
        return await(client.listOffsets(specs).all())
                .thenApply(
                        infos -> {
                            Map<TopicPartition, Long> offsets = new HashMap<>();
                            infos.forEach((at, info) -> offsets.put(at, info.offset()));
                            return offsets;
                        });
    }

    /**
     * Whether nothing was appended since the last answer. What another subtask has already read and
     * committed must not look like silence here.
     */
    private boolean isSilent(Map<TopicPartition, Long> ends) {
        return ends.equals(lastEnds.getAndSet(ends));
    }

    private static boolean isRead(
            Map<TopicPartition, Long> ends, Map<TopicPartition, Long> nextOffsets) {
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (end.getValue() > nextOffsets.getOrDefault(end.getKey(), 0L)) {
                return false;
            }
        }
        return true;
    }

    private static Map<TopicPartition, Long> greater(
            Map<TopicPartition, Long> some, Map<TopicPartition, Long> others) {
        Map<TopicPartition, Long> greater = new HashMap<>(some);
        others.forEach((at, offset) -> greater.merge(at, offset, Math::max));
        return greater;
    }

    private static <T> CompletableFuture<T> await(KafkaFuture<T> answer) {
        return answer.toCompletionStage().toCompletableFuture();
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }
}
