package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Description.Kind;
import io.onevault.tracking.vault.TestEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.junit.jupiter.api.Test;

final class TopologyTest {

    private final StreamExecutionEnvironment env =
            StreamExecutionEnvironment.getExecutionEnvironment(
                    Configuration.fromMap(Map.of("execution.checkpointing.interval", "10 s")));

    @Test
    void givesEveryOperatorTheUidOfItsStep() {
        assertThat(graph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrderElementsOf(stepIds());
    }

    @Test
    void givesEveryOperatorTheNameOfItsStep() {
        assertThat(graph().getStreamNodes())
                .allSatisfy(
                        node ->
                                assertThat(node.getOperatorName())
                                        .isIn(namesOf(uid(node)))
                                        .contains(uid(node)));
    }

    @Test
    void neverUsesAStepIdTwice() {
        assertThat(stepIds()).doesNotHaveDuplicates();
    }

    /** The state of one is that of the other, and what is rejected is published once. */
    @Test
    void isInTheShadowTheSameButForTheTopicOfRejectedEvents() {
        JobSettings shadow = JobSettings.of(Settings.with("database.layers", "SHADOW"));
        SiteTrackingJob.define(env, shadow);
        StreamGraph graph = env.getStreamGraph();

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrderElementsOf(stepIds());
        assertThat(operatorOf(graph, Step.PUBLISH_REJECTED)).contains("DiscardingSink");
        assertThat(operatorOf(graph(), Step.PUBLISH_REJECTED)).contains("RejectedSink");
    }

    private static String operatorOf(StreamGraph graph, Step step) {
        for (StreamNode node : graph.getStreamNodes()) {
            if (step.id().equals(node.getTransformationUID())) {
                SinkWriterOperatorFactory<?, ?> factory =
                        (SinkWriterOperatorFactory<?, ?>) node.getOperatorFactory();
                return factory.getSink().getClass().getSimpleName();
            }
        }
        throw new IllegalArgumentException("no step " + step);
    }

    @Test
    void fixesTheGreatestParallelism() {
        assertThat(graph().getStreamNodes())
                .extracting(StreamNode::getMaxParallelism)
                .containsOnly(Step.MAX_PARALLELISM);
    }

    /**
     * Names and ids may hold any character; a hash key is 64 digits, so no two keys are the same.
     */
    @Test
    void beginsEveryStateKeyWithTheHashKeyOfTheTenant() throws Exception {
        String hk = TestEvents.tenantHk("a|b");
        AdmittedEvent event = TestEvents.event("1").tenant("a|b").admitted();
        SessionEvent sessionEvent = SessionEvents.purchase(0, "t", "5").tenant(hk).make();
        Map<String, Object> elements =
                Map.of(
                        Step.ARCHIVE.id(), event,
                        Step.TRACK_DESCRIPTIONS.id(),
                                new Description(
                                        Kind.PAGE,
                                        hk,
                                        "/",
                                        Instant.EPOCH,
                                        Instant.EPOCH,
                                        List.of(),
                                        false),
                        Step.COUNT_TRANSACTIONS.id(), sessionEvent,
                        Step.BUILD_SESSIONS.id(), sessionEvent,
                        Step.TALLY.id(), LedgerEntry.received(event.position(), hk));
        Map<String, String> keys = new HashMap<>();
        for (StreamNode node : graph().getStreamNodes()) {
            if (node.getStatePartitioners().length > 0) {
                String step = uid(node);
                assertThat(elements).as("an element of the keyed step").containsKey(step);
                keys.put(step, key(node, elements.get(step)));
            }
        }

        assertThat(keys).containsOnlyKeys(elements.keySet());
        assertThat(keys).allSatisfy((step, key) -> assertThat(key).startsWith(hk + '|'));
    }

    @SuppressWarnings("unchecked")
    private static String key(StreamNode node, Object element) throws Exception {
        var selector = (KeySelector<Object, String>) node.getStatePartitioners()[0];
        return selector.getKey(element);
    }

    /** A micro-batch is written while it is handed on, which its time of writing relies on. */
    @Test
    void chainsEveryLoaderToItsMicroBatches() {
        List<String> tasks = tasks();

        for (Step step : Step.values()) {
            if (step.name().startsWith("LOAD_")) {
                String batch = step.id().replace("load-", "batch-");
                assertThat(tasks).anyMatch(task -> task.contains(batch + " -> " + step.id()));
            }
        }
    }

    /** What the source has given is then known where time is kept. */
    @Test
    void chainsTheKeeperOfTimeToTheSource() {
        assertThat(tasks())
                .anyMatch(
                        task ->
                                task.startsWith(
                                        "Source: %s -> %s -> "
                                                .formatted(
                                                        Step.TRACKER_EVENTS.id(),
                                                        Step.KEEP_TIME.id())));
    }

    @Test
    void turnsKryoAndGeneratedUidsOffWhateverTheClusterSays() {
        Configuration lax = new Configuration();
        lax.set(PipelineOptions.GENERIC_TYPES, true);
        lax.set(PipelineOptions.AUTO_GENERATE_UIDS, true);
        env.configure(lax);

        graph();

        ReadableConfig actual = env.getConfiguration();
        assertThat(actual.get(PipelineOptions.GENERIC_TYPES)).isFalse();
        assertThat(actual.get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();
        assertThat(actual.get(PipelineOptions.OBJECT_REUSE)).isTrue();
    }

    /** For whoever starts it once more, when its file says something else; and no secret. */
    @Test
    void tellsByWhichRulesItRuns() {
        SiteTrackingJob.define(
                env, JobSettings.of(Settings.with("session.gap", "20 min", "record-source", "x")));

        assertThat(env.getConfig().getGlobalJobParameters().toMap())
                .containsOnlyKeys(
                        "session.gap", "session.lateness", "enrich.geo-database", "record-source")
                .containsEntry("session.gap", "20 min")
                .containsEntry("record-source", "x");
    }

    @Test
    void refusesTypesThatNeedKryo() {
        graph();
        var serializers = env.getConfig().getSerializerConfig();

        assertThatThrownBy(() -> TypeInformation.of(Object.class).createSerializer(serializers))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private StreamGraph graph() {
        SiteTrackingJob.define(env, JobSettings.of(Settings.REQUIRED));
        return env.getStreamGraph(false);
    }

    private List<String> tasks() {
        List<String> tasks = new ArrayList<>();
        graph().getJobGraph().getVertices().forEach(task -> tasks.add(task.getName()));
        return tasks;
    }

    private static List<String> stepIds() {
        return Arrays.stream(Step.values()).map(Step::id).toList();
    }

    private static String uid(StreamNode node) {
        return String.valueOf(node.getTransformationUID());
    }

    /** Flink puts the kind of source before a name, and the part of a sink after it. */
    private static List<String> namesOf(String uid) {
        return List.of(uid, "Source: " + uid, uid + ": Writer");
    }
}
