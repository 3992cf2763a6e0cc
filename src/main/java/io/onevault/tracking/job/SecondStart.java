package io.onevault.tracking.job;

import io.onevault.tracking.job.session.SessionSteps;
import io.onevault.tracking.job.session.SessionSteps.SessionEvents;
import io.onevault.tracking.job.step.Step;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointWriter;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

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

    /** Has the environment's job write it. */
    void draw(StreamExecutionEnvironment env, SessionSteps steps, SessionEvents events)
            throws IOException {
        // Flink's writer has steps without uid, and elements for Kryo, which can't make all of
        // them.
        Configuration lax = new Configuration();
        lax.set(PipelineOptions.GENERIC_TYPES, true);
        lax.set(PipelineOptions.AUTO_GENERATE_UIDS, true);
        lax.set(PipelineOptions.SERIALIZATION_CONFIG, List.of(STATE_HANDLES));
        // Restarted it would find the files that it has written, and fail for ever.
        lax.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        env.configure(lax);
        OperatorIdentifier sessions = OperatorIdentifier.forUid(Step.BUILD_SESSIONS.id());
        SavepointWriter.fromExistingSavepoint(env, savepoint, new EmbeddedRocksDBStateBackend())
                .removeOperator(sessions)
                .withOperator(sessions, steps.state(events, watermark))
                .write(target);
    }
}
