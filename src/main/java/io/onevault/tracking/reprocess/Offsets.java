package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How far the jobs are in their topic, by what their groups have committed with a checkpoint. */
final class Offsets implements AutoCloseable {

    private final Admin admin;
    private final String topic;

    Offsets(JobSettings settings) {
        admin = Admin.create(settings.kafka().admin("reprocess"));
        topic = settings.get(JobOptions.KAFKA_TOPIC);
    }

    /** By partition; nothing of a group that has committed nothing. */
    Map<Integer, Long> committed(String group) throws ExecutionException, InterruptedException {
        Map<Integer, Long> committed = new HashMap<>();
        try {
            admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach(
                            (at, known) -> note(committed, at, known == null ? 0 : known.offset()));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw e;
            }
        }
        return committed;
    }

    /** By partition where a job of the group begins that has read nothing of it yet. */
    Map<Integer, Long> begins(String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        TopicDescription described =
                admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        described
                .partitions()
                .forEach(
                        at ->
                                asked.put(
                                        new TopicPartition(topic, at.partition()),
                                        OffsetSpec.earliest()));
        Map<Integer, Long> begins = new TreeMap<>();
        admin.listOffsets(asked)
                .all()
                .get()
                .forEach((at, found) -> begins.put(at.partition(), found.offset()));
        committed(group).forEach((at, offset) -> begins.merge(at, offset, Math::max));
        return begins;
    }

    /**
     * Lets a job of the group that goes on from a savepoint begin where it would have begun: of
     * what it had read nothing, Flink asks the group, and another job may have read it since.
     *
     * @param begins by partition where that was
     */
    void beginAgain(String group, Savepoint savepoint, Map<Integer, Long> begins)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> unread = new HashMap<>();
        next(savepoint)
                .forEach(
                        (at, offset) -> {
                            if (offset == KafkaPartitionSplit.COMMITTED_OFFSET
                                    && begins.containsKey(at)) {
                                unread.put(
                                        new TopicPartition(topic, at),
                                        new OffsetAndMetadata(begins.get(at)));
                            }
                        });
        if (!unread.isEmpty()) {
            admin.alterConsumerGroupOffsets(group, unread).all().get();
        }
    }

    private Map<Integer, Long> next(Savepoint savepoint) {
        return savepoint.nextOffsets().getOrDefault(topic, Map.of());
    }

    /**
     * Forgets what a group has committed, where Kafka lets it: a job that begins anew commits with
     * its first checkpoint, and until then would seem to be where the one before was.
     */
    void forget(String group) throws ExecutionException, InterruptedException {
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException
                    || e.getCause() instanceof GroupAuthorizationException)) {
                throw e;
            }
            if (!committed(group).isEmpty()) {
                throw new ReprocessException(
                        Code.GROUP_KEPT,
                        "%s has offsets of an earlier run, and Kafka does not let them be deleted: %s"
                                .formatted(group, ErrorLine.of(e)));
            }
        }
    }

    /**
     * @param begins by partition where its job begins of which it has read nothing, as far as known
     * @throws ReprocessException when Kafka has removed records that a job reads which goes on
     *     there
     */
    void requireRecordsFrom(Savepoint savepoint, Map<Integer, Long> begins)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        Map<Integer, Long> next = new TreeMap<>(next(savepoint));
        next.replaceAll(
                (at, offset) ->
                        offset == KafkaPartitionSplit.COMMITTED_OFFSET
                                ? begins.getOrDefault(at, offset)
                                : offset);
        next.keySet()
                .forEach(at -> asked.put(new TopicPartition(topic, at), OffsetSpec.earliest()));
        Map<Integer, Long> earliest = new TreeMap<>();
        try {
            admin.listOffsets(asked)
                    .all()
                    .get()
                    .forEach((at, found) -> earliest.put(at.partition(), found.offset()));
        } catch (ExecutionException e) {
            throw new ProgramException(Program.AWAY, "KAFKA_AWAY: " + ErrorLine.of(e), e);
        }
        // Where nothing was read yet, Flink notes a negative one.
        next.forEach(
                (at, offset) ->
                        earliest.computeIfPresent(
                                at, (same, first) -> offset >= 0 && offset < first ? first : null));
        if (!earliest.isEmpty()) {
            throw new ReprocessException(
                    Code.RECORDS_GONE,
                    "%s goes on in %s at %s, and Kafka has the records from %s on"
                            .formatted(savepoint.path(), topic, next, earliest));
        }
    }

    private void note(Map<Integer, Long> committed, TopicPartition at, long offset) {
        if (at.topic().equals(topic)) {
            committed.put(at.partition(), offset);
        }
    }

    /** How many records somebody at the given offsets is behind others. */
    static long behind(Map<Integer, Long> offsets, Map<Integer, Long> others) {
        long behind = 0;
        for (Map.Entry<Integer, Long> other : others.entrySet()) {
            long at = offsets.getOrDefault(other.getKey(), 0L);
            behind += Math.max(0, other.getValue() - at);
        }
        return behind;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
