package io.onevault.tracking.job;

import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/**
 * Fires a session window soon after it changed, when the watermark passes its end, and at once for
 * an event that is late but within the allowed lateness.
 */
final class SessionTrigger extends Trigger<SessionEvent, TimeWindow> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final long earlyFiringMillis;

    /** Processing time of the pending early firing; merged windows keep the earlier one. */
    private final ReducingStateDescriptor<Long> pending =
            new ReducingStateDescriptor<>("early-firing", new Earlier(), LongSerializer.INSTANCE);

    /**
     * @param earlyFiring longest time between a change and its firing
     */
    SessionTrigger(Duration earlyFiring) {
        this.earlyFiringMillis = earlyFiring.toMillis();
    }

    @Override
    public TriggerResult onElement(
            SessionEvent event, long timestamp, TimeWindow window, TriggerContext context)
            throws Exception {
        if (window.maxTimestamp() <= context.getCurrentWatermark()) {
            return TriggerResult.FIRE;
        }
        context.registerEventTimeTimer(window.maxTimestamp());
        ReducingState<Long> firing = context.getPartitionedState(pending);
        if (firing.get() == null) {
            schedule(context.getCurrentProcessingTime() + earlyFiringMillis, firing, context);
        }
        return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext context) {
        return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext context)
            throws Exception {
        ReducingState<Long> firing = context.getPartitionedState(pending);
        Long due = firing.get();
        if (due == null || due > time) {
            return TriggerResult.CONTINUE;
        }
        firing.clear();
        return TriggerResult.FIRE;
    }

    @Override
    public boolean canMerge() {
        return true;
    }

    @Override
    public void onMerge(TimeWindow window, OnMergeContext context) throws Exception {
        context.mergePartitionedState(pending);
        if (window.maxTimestamp() > context.getCurrentWatermark()) {
            context.registerEventTimeTimer(window.maxTimestamp());
        }
        Long due = context.getPartitionedState(pending).get();
        if (due != null) {
            context.registerProcessingTimeTimer(due);
        }
    }

    @Override
    public void clear(TimeWindow window, TriggerContext context) throws Exception {
        context.deleteEventTimeTimer(window.maxTimestamp());
        ReducingState<Long> firing = context.getPartitionedState(pending);
        Long due = firing.get();
        if (due != null) {
            context.deleteProcessingTimeTimer(due);
            firing.clear();
        }
    }

    private static void schedule(long time, ReducingState<Long> firing, TriggerContext context)
            throws Exception {
        context.registerProcessingTimeTimer(time);
        firing.add(time);
    }

    private static final class Earlier implements ReduceFunction<Long> {
        private static final long serialVersionUID = 1;

        @Override
        public Long reduce(Long a, Long b) {
            return Math.min(a, b);
        }
    }
}
