package io.onevault.tracking.job;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.step.Step;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Sets what the job relies on, whatever the cluster's configuration says: no Kryo, no generated
 * uids, records passed on without copies (they are immutable). Refuses what it can't set: how the
 * job is checkpointed is the operator's to say.
 */
final class StrictEnvironment {

    private StrictEnvironment() {}

    /**
     * @throws InvalidSettingsException when the job would not keep its promises, with all reasons
     */
    static void configure(StreamExecutionEnvironment env) {
        configure(env, checkpointErrors(env.getCheckpointConfig()));
    }

    /** The same of a job over history, which makes no checkpoints: it begins anew instead. */
    static void forHistory(StreamExecutionEnvironment env) {
        configure(env, new ArrayList<>());
    }

    private static void configure(StreamExecutionEnvironment env, List<String> errors) {
        Configuration strict = new Configuration();
        strict.set(PipelineOptions.GENERIC_TYPES, false);
        strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        strict.set(PipelineOptions.OBJECT_REUSE, true);
        env.configure(strict);
        if (env.getParallelism() > Step.MAX_PARALLELISM) {
            errors.add(
                    "%s: at most %d, by which state is divided for good; here it is %d"
                            .formatted(
                                    CoreOptions.DEFAULT_PARALLELISM.key(),
                                    Step.MAX_PARALLELISM,
                                    env.getParallelism()));
        }
        if (!errors.isEmpty()) {
            throw new InvalidSettingsException(errors);
        }
        env.setMaxParallelism(Step.MAX_PARALLELISM);
        requireStrict(env.getConfiguration());
    }

    /**
     * The job's offsets are committed with a checkpoint and say that everything before them is in
     * the database: so there must be checkpoints, and no record may be overtaken by a barrier.
     */
    private static List<String> checkpointErrors(CheckpointConfig checkpoints) {
        List<String> errors = new ArrayList<>();
        if (!checkpoints.isCheckpointingEnabled()) {
            errors.add(
                    CheckpointingOptions.CHECKPOINTING_INTERVAL.key()
                            + ": required, such as 10 s; without checkpoints no offset is ever"
                            + " committed, and every failure begins anew");
        }
        if (checkpoints.isUnalignedCheckpointsEnabled()) {
            errors.add(
                    CheckpointingOptions.ENABLE_UNALIGNED.key()
                            + ": must be false; an event that a barrier overtakes is not in the"
                            + " database when its offset is committed, and comes before the"
                            + " watermark that was kept when the job is restored");
        }
        if (checkpoints.getCheckpointingConsistencyMode() != CheckpointingMode.EXACTLY_ONCE) {
            errors.add(
                    CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE.key()
                            + ": must be EXACTLY_ONCE; otherwise state counts events twice after a"
                            + " failure");
        }
        return errors;
    }

    private static void requireStrict(ReadableConfig actual) {
        if (actual.get(PipelineOptions.GENERIC_TYPES)
                || actual.get(PipelineOptions.AUTO_GENERATE_UIDS)) {
            throw new IllegalStateException(
                    "pipeline.generic-types and pipeline.auto-generate-uids must be false");
        }
    }
}
