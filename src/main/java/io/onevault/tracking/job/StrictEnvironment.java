package io.onevault.tracking.job;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Sets what the job relies on, whatever the cluster's configuration says: no Kryo, no generated
 * uids, records passed on without copies (they are immutable).
 */
final class StrictEnvironment {

    private StrictEnvironment() {}

    /**
     * @throws IllegalStateException when the environment does not take the settings
     */
    static void configure(StreamExecutionEnvironment env) {
        Configuration strict = new Configuration();
        strict.set(PipelineOptions.GENERIC_TYPES, false);
        strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        strict.set(PipelineOptions.OBJECT_REUSE, true);
        env.configure(strict);
        env.setMaxParallelism(Step.MAX_PARALLELISM);

        ReadableConfig actual = env.getConfiguration();
        if (actual.get(PipelineOptions.GENERIC_TYPES)
                || actual.get(PipelineOptions.AUTO_GENERATE_UIDS)) {
            throw new IllegalStateException(
                    "pipeline.generic-types and pipeline.auto-generate-uids must be false");
        }
    }
}
