package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.jspecify.annotations.Nullable;

/** The files of a savepoint or checkpoint: whether all are there, and of which format they are. */
final class StateFiles {

    static final String CANONICAL = "canonical savepoint";

    /** From it a job goes on, and nobody else can read it. */
    static final String HEAP = "native savepoint of the hashmap backend";

    private StateFiles() {}

    /** Whether there is anything at the path. */
    static boolean isThere(String path) {
        try {
            Path file = new Path(path);
            return file.getFileSystem().exists(file);
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * @throws ReprocessException where a file is missing or shorter than it was when it was written
     */
    static void requireWhole(String path, OperatorState operator) {
        for (StreamStateHandle handle : handles(operator)) {
            if (handle instanceof FileStateHandle file && !isWhole(file)) {
                throw new ReprocessException(
                        Code.SAVEPOINT_INCOMPLETE,
                        path + " lacks " + file.getFilePath() + ", or a part of it");
            }
        }
    }

    private static boolean isWhole(FileStateHandle handle) {
        Path file = handle.getFilePath();
        try {
            FileStatus status = file.getFileSystem().getFileStatus(file);
            return status.getLen() >= handle.getStateSize();
        } catch (IOException e) {
            return false;
        }
    }

    /** What the archive is written as. */
    static String kind(CheckpointMetadata metadata, OperatorState archive) {
        CheckpointProperties properties = metadata.getCheckpointProperties();
        boolean checkpoint = properties != null && !properties.isSavepoint();
        for (OperatorSubtaskState subtask : archive.getStates()) {
            for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
                if (handle instanceof KeyGroupsSavepointStateHandle) {
                    return CANONICAL;
                }
                if (handle instanceof IncrementalRemoteKeyedStateHandle) {
                    return checkpoint ? "incremental checkpoint" : "native savepoint";
                }
                return HEAP;
            }
        }
        return "savepoint without an event";
    }

    private static List<StreamStateHandle> handles(OperatorState operator) {
        List<StreamStateHandle> handles = new ArrayList<>();
        for (OperatorSubtaskState subtask : operator.getStates()) {
            subtask.getManagedOperatorState()
                    .forEach(handle -> handles.add(handle.getDelegateStateHandle()));
            subtask.getRawOperatorState()
                    .forEach(handle -> handles.add(handle.getDelegateStateHandle()));
            subtask.getManagedKeyedState().forEach(handle -> add(handle, handles));
            subtask.getRawKeyedState().forEach(handle -> add(handle, handles));
        }
        return handles;
    }

    private static void add(@Nullable KeyedStateHandle handle, List<StreamStateHandle> handles) {
        if (handle instanceof KeyGroupsStateHandle full) {
            handles.add(full.getDelegateStateHandle());
        } else if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
            handles.add(incremental.getMetaDataStateHandle());
            for (HandleAndLocalPath file : incremental.getSharedState()) {
                handles.add(file.getHandle());
            }
            for (HandleAndLocalPath file : incremental.getPrivateState()) {
                handles.add(file.getHandle());
            }
        }
    }
}
