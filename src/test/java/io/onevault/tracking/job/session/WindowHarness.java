package io.onevault.tracking.job.session;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.InstantiationUtil;
import org.jspecify.annotations.Nullable;

/**
 * Runs the session window operator that {@link SiteTrackingJob} draws, taken out of its graph. Its
 * clock stands at zero in the beginning.
 */
final class WindowHarness {

    private final Drawing drawing;
    private KeyedOneInputStreamOperatorTestHarness<String, SessionEvent, SessionUpdate> harness;
    private long processingTime;
    private long checkpoints;

    /** The operator as drawn; each start runs a copy of it, as a task does. */
    record Drawing(
            StreamOperatorFactory<SessionUpdate> operator,
            KeySelector<SessionEvent, String> keySelector) {}

    WindowHarness(Drawing drawing) throws Exception {
        this.drawing = drawing;
        start(null);
    }

    private void start(@Nullable OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        InstantiationUtil.clone(drawing.operator()),
                        drawing.keySelector(),
                        Types.STRING);
        harness.setProcessingTime(processingTime);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    @SuppressWarnings("unchecked")
    static Drawing draw(Duration lateness, Duration earlyFiring) {
        JobSettings settings =
                JobSettings.of(
                        Map.of(
                                "kafka.bootstrap-servers",
                                "127.0.0.1:1",
                                "database.url",
                                "jdbc:postgresql://127.0.0.1:1/none",
                                "privacy.secret",
                                TestSecret.reference("00".repeat(16)),
                                "session.lateness",
                                lateness.toMillis() + " ms",
                                "session.early-firing",
                                earlyFiring.toMillis() + " ms"));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        Configuration.fromMap(Map.of("execution.checkpointing.interval", "10 s")));
        SiteTrackingJob.define(env, settings);
        for (StreamNode node : env.getStreamGraph().getStreamNodes()) {
            if (Step.BUILD_SESSIONS.id().equals(node.getTransformationUID())) {
                return new Drawing(
                        (StreamOperatorFactory<SessionUpdate>) node.getOperatorFactory(),
                        (KeySelector<SessionEvent, String>) node.getStatePartitioners()[0]);
            }
        }
        throw new IllegalStateException("the topology builds no sessions");
    }

    void receive(SessionEvent event) throws Exception {
        harness.processElement(event, event.occurredAt().toEpochMilli());
    }

    void watermark(long epochMillis) throws Exception {
        harness.processWatermark(epochMillis);
    }

    /** Lets time go by on the wall clock. */
    void pass(Duration time) throws Exception {
        processingTime += time.toMillis();
        harness.setProcessingTime(processingTime);
    }

    /** Takes a snapshot and goes on from it in a new operator; what was emitted is gone. */
    void restart() throws Exception {
        checkpoints++;
        OperatorSubtaskState snapshot = harness.snapshot(checkpoints, processingTime);
        harness.close();
        start(snapshot);
    }

    /** The state of a moment. */
    record Kept(OperatorSubtaskState state) {}

    /** Takes a snapshot and goes on. */
    Kept keep() throws Exception {
        checkpoints++;
        return new Kept(harness.snapshot(checkpoints, processingTime));
    }

    /** Goes on from an earlier moment in a new operator; what was emitted since is gone. */
    void goBack(Kept kept) throws Exception {
        harness.close();
        start(kept.state());
    }

    /** What was emitted since the last call. */
    List<SessionUpdate> updates() {
        List<SessionUpdate> updates = written();
        // The span of a replay concerns the database alone.
        updates.replaceAll(update -> update.within(null));
        return updates;
    }

    /** The same with spans, as it goes to the database. */
    List<SessionUpdate> written() {
        List<SessionUpdate> updates = new ArrayList<>(harness.extractOutputValues());
        harness.getOutput().clear();
        return updates;
    }

    /** All events that were too late, since the last start. */
    List<SessionEvent> late() {
        var late = harness.getSideOutput(SideOutputs.LATE);
        return late == null
                ? List.of()
                : new ArrayList<>(late.stream().map(StreamRecord::getValue).toList());
    }

    /** How many events the operator keeps of the key of the last event. */
    int kept() throws Exception {
        var operator = (AbstractStreamOperator<?>) harness.getOperator();
        var events =
                operator.getPartitionedState(
                        VoidNamespace.INSTANCE,
                        VoidNamespaceSerializer.INSTANCE,
                        new ListStateDescriptor<>(
                                "session-events", TypeInformation.of(SessionEvent.class)));
        List<SessionEvent> kept = new ArrayList<>();
        if (events.get() != null) {
            events.get().forEach(kept::add);
        }
        return kept.size();
    }

    int stateEntries() {
        return harness.numKeyedStateEntries();
    }

    int timers() {
        return harness.numEventTimeTimers() + harness.numProcessingTimeTimers();
    }

    void close() throws Exception {
        harness.close();
    }
}
