package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.job.PartialJob.Part;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.junit.jupiter.api.Test;

class PartialJobTest {

    @Test
    void writesNothingButRejectedEventsToKafkaWithoutLoading() {
        assertThat(sinks(Set.of(Part.LOADING)))
                .containsOnly(
                        Map.entry("load-descriptions", true),
                        Map.entry("load-late-events", true),
                        Map.entry("load-ledger", true),
                        Map.entry("load-rejected", true),
                        Map.entry("load-sessions", true),
                        Map.entry("publish-rejected", false));
    }

    @Test
    void writesAllButSessionsWithoutSessions() {
        assertThat(sinks(Set.of(Part.SESSIONS)))
                .containsEntry("load-sessions", true)
                .containsEntry("load-descriptions", false)
                .containsEntry("load-ledger", false)
                .containsEntry("load-rejected", false)
                .containsEntry("publish-rejected", false);
    }

    @Test
    void hasEveryStepOfTheJob() {
        for (Part part : Part.values()) {
            List<String> whole = uids(graphOf(null));

            assertThat(uids(graphOf(Set.of(part)))).isSubsetOf(whole).containsAll(steps(whole));
        }
    }

    private static List<String> steps(List<String> uids) {
        return uids.stream().filter(uid -> !uid.contains(":")).toList();
    }

    private static List<String> uids(Iterable<StreamNode> nodes) {
        Map<String, Boolean> uids = new TreeMap<>();
        nodes.forEach(node -> uids.put(String.valueOf(node.getTransformationUID()), true));
        return List.copyOf(uids.keySet());
    }

    /** Each sink's step, and whether it writes nothing. */
    private static Map<String, Boolean> sinks(Set<Part> without) {
        Map<String, Boolean> sinks = new TreeMap<>();
        for (StreamNode node : graphOf(without)) {
            if (node.getOperatorFactory() instanceof SinkWriterOperatorFactory<?, ?> writer) {
                sinks.put(
                        node.getTransformationUID(), writer.getSink() instanceof DiscardingSink<?>);
            }
        }
        return sinks;
    }

    private static Iterable<StreamNode> graphOf(Set<Part> without) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        Configuration.fromMap(Map.of("execution.checkpointing.interval", "10 s")));
        JobSettings settings = JobSettings.of(Settings.REQUIRED);
        if (without == null) {
            SiteTrackingJob.define(env, settings);
        } else {
            PartialJob.define(env, settings, without);
        }
        return env.getStreamGraph(false).getStreamNodes();
    }
}
