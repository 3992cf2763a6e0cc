package io.onevault.tracking.job.read;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
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

    /** Looks which partitions have a leader that answers, and what those hold; others are away. */
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
        return ask(client, led, this::note).thenCompose(noted -> forgetDeleted(client));
    }

    private void note(TopicPartition place, @Nullable ListOffsetsResultInfo end) {
        if (end == null) {
            away.put(place, STILL_AWAY);
        } else {
            away.replace(place, STILL_AWAY, end.offset());
        }
    }

    /** Forgets those that are back and of which Kafka no longer holds what there was to read. */
    private CompletableFuture<Void> forgetDeleted(Admin client) {
        Map<TopicPartition, OffsetSpec> back = new HashMap<>();
        away.forEach(
                (place, end) -> {
                    if (end != STILL_AWAY) {
                        back.put(place, OffsetSpec.earliest());
                    }
                });
        return back.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : ask(client, back, this::forgetDeleted);
    }

    private void forgetDeleted(TopicPartition place, @Nullable ListOffsetsResultInfo begin) {
        if (begin != null) {
            away.computeIfPresent(place, (at, end) -> end <= begin.offset() ? null : end);
        }
    }

    /**
     * @param take gets null where the leader does not answer
     */
    private static CompletableFuture<Void> ask(
            Admin client,
            Map<TopicPartition, OffsetSpec> specs,
            BiConsumer<TopicPartition, @Nullable ListOffsetsResultInfo> take) {
        ListOffsetsResult offsets = client.listOffsets(specs);
        return CompletableFuture.allOf(
                specs.keySet().stream()
                        .map(
                                place ->
                                        offsets.partitionResult(place)
                                                .toCompletionStage()
                                                .exceptionally(noAnswer -> null)
                                                .thenAccept(offset -> take.accept(place, offset))
                                                .toCompletableFuture())
                        .toArray(CompletableFuture[]::new));
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
