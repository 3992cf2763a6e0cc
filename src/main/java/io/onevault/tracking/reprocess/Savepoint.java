package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.ledger.LedgerSteps;
import io.onevault.tracking.job.read.ReadSteps;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.state.KeptTime;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.jspecify.annotations.Nullable;

/**
 * What a savepoint, or a retained checkpoint, of the streaming job says of itself.
 *
 * @param kind for people
 * @param archiveBytes how much the archive takes in it
 * @param nextOffsets by topic and partition where its job would go on
 * @param ledgerRun the run under which its job counts in the ledger; null for none
 * @param watermark that its job had reached, epoch milliseconds; {@link Long#MIN_VALUE} for none
 */
record Savepoint(
        String path,
        String kind,
        long archiveBytes,
        Map<String, Map<Integer, Long>> nextOffsets,
        @Nullable String ledgerRun,
        long watermark) {

    /** Of Flink's source operators. */
    private static final String SPLITS = "SourceReaderState";

    /**
     * @throws ReprocessException when it is none of the job, or is not whole
     */
    static Savepoint open(String path) {
        CheckpointMetadata metadata = metadata(path);
        OperatorState archive = find(metadata, path, Step.ARCHIVE);
        OperatorState source = find(metadata, path, Step.TRACKER_EVENTS);
        OperatorState tally = find(metadata, path, Step.TALLY);
        OperatorState time = find(metadata, path, Step.KEEP_TIME);
        metadata.getOperatorStates().forEach(one -> StateFiles.requireWhole(path, one));
        try {
            return new Savepoint(
                    path,
                    StateFiles.kind(metadata, archive),
                    archive.getCheckpointedSize(),
                    nextOffsets(source),
                    ledgerRun(tally),
                    ReadSteps.keptWatermark(kept(time)));
        } catch (IOException e) {
            throw new ReprocessException(
                    Code.SAVEPOINT_INCOMPLETE, path + ": its offsets cannot be read", e);
        }
    }

    /**
     * @throws ReprocessException when its job reads another topic
     */
    void requireOf(String topic) {
        if (!nextOffsets.isEmpty() && !nextOffsets.containsKey(topic)) {
            throw new ReprocessException(
                    Code.SAVEPOINT_OF_ANOTHER_JOB,
                    "%s is of a job that reads %s, and kafka.topic is %s"
                            .formatted(path, String.join(", ", nextOffsets.keySet()), topic));
        }
    }

    /**
     * @throws ReprocessException when only its job can read what is in it
     */
    void requireReadable() {
        if (kind.equals(StateFiles.HEAP)) {
            throw new ReprocessException(
                    Code.SAVEPOINT_FORMAT,
                    path
                            + " was written by the hashmap backend in its native format; take a"
                            + " savepoint with --type canonical");
        }
    }

    /** What its job's watermark had passed; null where it had none. */
    @Nullable Instant passed() {
        return watermark == Long.MIN_VALUE ? null : Instant.ofEpochMilli(watermark);
    }

    /** Whether another savepoint can be made of it. */
    boolean isCanonical() {
        return kind.equals(StateFiles.CANONICAL);
    }

    static CheckpointMetadata metadata(String path) {
        try {
            return SavepointLoader.loadSavepointMetadata(path);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw StateFiles.isThere(path)
                    ? new ReprocessException(
                            Code.SAVEPOINT_INCOMPLETE,
                            path + " holds no whole _metadata: it was not finished, or not copied",
                            e)
                    : new ReprocessException(
                            Code.SAVEPOINT_NOT_FOUND, path + " does not exist here", e);
        }
    }

    static OperatorState find(CheckpointMetadata metadata, String path, Step step) {
        TreeSet<String> uids = new TreeSet<>();
        for (OperatorState operator : metadata.getOperatorStates()) {
            String uid = operator.getOperatorUid().orElse(operator.getOperatorID().toString());
            if (uid.equals(step.id())) {
                return operator;
            }
            uids.add(uid);
        }
        throw new ReprocessException(
                Code.SAVEPOINT_OF_ANOTHER_JOB,
                path + " has no operator " + step.id() + ", but " + uids);
    }

    /** By topic and partition. */
    static Map<String, Map<Integer, Long>> nextOffsets(OperatorState source) throws IOException {
        Map<String, Map<Integer, Long>> next = new TreeMap<>();
        for (OperatorSubtaskState subtask : source.getStates()) {
            for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
                for (KafkaPartitionSplit split : splits(handle)) {
                    next.computeIfAbsent(split.getTopic(), topic -> new TreeMap<>())
                            .put(split.getPartition(), split.getStartingOffset());
                }
            }
        }
        return next;
    }

    private static List<KafkaPartitionSplit> splits(OperatorStateHandle handle) throws IOException {
        List<KafkaPartitionSplit> splits = new ArrayList<>();
        for (byte[] bytes : list(handle, SPLITS, BytePrimitiveArraySerializer.INSTANCE)) {
            splits.add(
                    SimpleVersionedSerialization.readVersionAndDeSerialize(
                            new KafkaPartitionSplitSerializer(), bytes));
        }
        return splits;
    }

    private static @Nullable String ledgerRun(OperatorState tally) throws IOException {
        for (OperatorSubtaskState subtask : tally.getStates()) {
            for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
                for (String run : list(handle, LedgerSteps.RUN, StringSerializer.INSTANCE)) {
                    return run;
                }
            }
        }
        return null;
    }

    static List<KeptTime> kept(OperatorState keepTime) throws IOException {
        var serializer =
                TypeInformation.of(KeptTime.class).createSerializer(new SerializerConfigImpl());
        List<KeptTime> kept = new ArrayList<>();
        for (OperatorSubtaskState subtask : keepTime.getStates()) {
            for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
                kept.addAll(list(handle, ReadSteps.KEPT_TIME, serializer));
            }
        }
        return kept;
    }

    private static <T> List<T> list(
            OperatorStateHandle handle, String state, TypeSerializer<T> serializer)
            throws IOException {
        List<T> elements = new ArrayList<>();
        StateMetaInfo info = handle.getStateNameToPartitionOffsets().get(state);
        if (info == null) {
            return elements;
        }
        try (FSDataInputStream in = handle.openInputStream()) {
            for (long at : info.getOffsets()) {
                in.seek(at);
                elements.add(serializer.deserialize(new DataInputViewStreamWrapper(in)));
            }
        }
        return elements;
    }
}
