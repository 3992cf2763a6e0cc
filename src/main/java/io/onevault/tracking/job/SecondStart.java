package io.onevault.tracking.job;

import io.onevault.tracking.job.session.SessionSteps;
import io.onevault.tracking.job.session.SessionSteps.SessionEvents;
import io.onevault.tracking.job.step.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointWriter;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.IOUtils;

/**
 * From where a second run of the job goes on after history: a savepoint of the first one, in which
 * the sessions that may still change are those that history makes by the settings in force. As they
 * are there they were made by the rules of the first run.
 *
 * @param savepoint of the first run, in canonical format
 * @param target folder of the one that is written
 * @param watermark that the first run had reached, epoch milliseconds
 */
public record SecondStart(String savepoint, String target, long watermark) {

    private static final String STATE_HANDLES =
            StateObject.class.getName()
                    + ": {type: kryo, kryo-type: default, class: "
                    + JavaSerializer.class.getName()
                    + "}";

    private static final OperatorIdentifier SESSIONS =
            OperatorIdentifier.forUid(Step.BUILD_SESSIONS.id());

    private static final String METADATA = "_metadata";
    private static final int BUFFER = 1 << 20;

    /** Has the environment's job write the sessions. */
    void draw(StreamExecutionEnvironment env, SessionSteps steps, SessionEvents events)
            throws IOException {
        // Flink's writer has steps without uid, and elements for Kryo, which can't make all of
        // them.
        Configuration lax = new Configuration();
        lax.set(PipelineOptions.GENERIC_TYPES, true);
        lax.set(PipelineOptions.AUTO_GENERATE_UIDS, true);
        lax.set(PipelineOptions.SERIALIZATION_CONFIG, List.of(STATE_HANDLES));
        env.configure(lax);
        OperatorState first = sessions(SavepointLoader.loadSavepointMetadata(savepoint));
        SavepointWriter.newSavepoint(
                        env, new EmbeddedRocksDBStateBackend(), first.getMaxParallelism())
                .withOperator(SESSIONS, steps.state(events, watermark))
                .write(target);
    }

    /**
     * Adds what else the first run's savepoint holds, once the job is over. Flink's writer would do
     * it in the job, and could not do it again when a TaskManager was lost, as the files are there.
     */
    public void addRest() throws IOException {
        CheckpointMetadata first = SavepointLoader.loadSavepointMetadata(savepoint);
        CheckpointMetadata made = SavepointLoader.loadSavepointMetadata(target);
        List<OperatorState> operators = new ArrayList<>(first.getOperatorStates());
        operators.remove(sessions(first));
        operators.add(sessions(made));
        Path from = new Path(savepoint);
        Path to = new Path(target);
        FileSystem files = from.getFileSystem();
        for (FileStatus file : files.listStatus(from)) {
            String name = file.getPath().getName();
            if (!name.equals(METADATA)) {
                IOUtils.copyBytes(files.open(file.getPath()), create(to, name), BUFFER, true);
            }
        }
        try (FSDataOutputStream out = create(to, METADATA)) {
            Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(
                            made.getCheckpointId(), operators, first.getMasterStates()),
                    out);
        }
    }

    private static FSDataOutputStream create(Path folder, String name) throws IOException {
        return folder.getFileSystem()
                .create(new Path(folder, name), FileSystem.WriteMode.OVERWRITE);
    }

    private static OperatorState sessions(CheckpointMetadata metadata) throws IOException {
        for (OperatorState operator : metadata.getOperatorStates()) {
            if (operator.getOperatorID().equals(SESSIONS.getOperatorId())) {
                return operator;
            }
        }
        throw new IOException("a savepoint without " + Step.BUILD_SESSIONS.id());
    }
}
