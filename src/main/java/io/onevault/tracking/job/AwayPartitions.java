package io.onevault.tracking.job;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;

/** The partitions that can't be read, and those that could not and have not been read since. */
final class AwayPartitions {

    private static final long STILL_AWAY = Long.MAX_VALUE;

    /** Each with the end that it had when it came back. */
    private final Map<TopicPartition, Long> away = new ConcurrentHashMap<>();

    /** Looks which partitions have a leader that answers; others are away. */
    CompletableFuture<Void> look(Admin client, TopicDescription topic) {
        Map<TopicPartition, OffsetSpec> led = new HashMap<>();
        for (TopicPartitionInfo partition : topic.partitions()) {
            TopicPartition place = new TopicPartition(topic.name(), partition.partition());
            if (partition.leader() == null || partition.leader().isEmpty()) {
                away.put(place, STILL_AWAY);
            } else {
                led.put(place, OffsetSpec.latest());
            }
        }
        ListOffsetsResult ends = client.listOffsets(led);
        return CompletableFuture.allOf(
                led.keySet().stream()
                        .map(
                                place ->
                                        ends.partitionResult(place)
                                                .toCompletionStage()
                                                .handle((end, failure) -> note(place, end))
                                                .toCompletableFuture())
                        .toArray(CompletableFuture[]::new));
    }

    /**
     * @param end null where the leader does not answer
     */
    private boolean note(TopicPartition place, @Nullable ListOffsetsResultInfo end) {
        if (end == null) {
            away.put(place, STILL_AWAY);
            return false;
        }
        return away.replace(place, STILL_AWAY, end.offset());
    }

    boolean isNone() {
        return away.isEmpty();
    }

    /** Forgets those that were read meanwhile, and tells whether none is left. */
    boolean isNone(Map<TopicPartition, Long> read) {
        away.entrySet()
                .removeIf(
                        back ->
                                back.getValue() != STILL_AWAY
                                        && back.getValue() <= read.getOrDefault(back.getKey(), 0L));
        return away.isEmpty();
    }
}
