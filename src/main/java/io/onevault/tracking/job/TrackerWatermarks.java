package io.onevault.tracking.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Watermarks of one Kafka partition. They trail the greatest event time by the out-of-orderness; a
 * tick moves them to its time at once. A partition that has been silent for a grace holds nobody
 * back; when all are silent, {@link KeepTime} decides whether time goes on.
 *
 * <p>Silence is measured by Flink's input activity clock, which stands still under back-pressure: a
 * backlog is not silence.
 */
final class TrackerWatermarks implements WatermarkGenerator<DecodedRecord> {

    // -- configuration
    private final long outOfOrdernessMillis;
    private final long idleGraceMillis;
    private final RelativeClock clock;

    // -- runtime
    private long greatest = Long.MIN_VALUE;
    private long lastEventAt;
    private boolean idle;

    private TrackerWatermarks(
            Duration outOfOrderness, Duration idleGrace, RelativeClock activityClock) {
        this.outOfOrdernessMillis = outOfOrderness.toMillis();
        this.idleGraceMillis = idleGrace.toMillis();
        this.clock = activityClock;
        this.lastEventAt = activityClock.relativeTimeMillis();
    }

    /**
     * @param outOfOrderness how far events of a partition are out of order in normal operation
     * @param idleGrace how long a partition is silent before it holds nobody back
     */
    static WatermarkStrategy<DecodedRecord> strategy(Duration outOfOrderness, Duration idleGrace) {
        return WatermarkStrategy.<DecodedRecord>forGenerator(
                        context ->
                                new TrackerWatermarks(
                                        outOfOrderness, idleGrace, context.getInputActivityClock()))
                .withTimestampAssigner((record, appended) -> record.occurredAt().toEpochMilli());
    }

    @Override
    public void onEvent(DecodedRecord record, long timestamp, WatermarkOutput output) {
        lastEventAt = clock.relativeTimeMillis();
        idle = false;
        if (record.isTick()) {
            greatest = Math.max(greatest, timestamp + outOfOrdernessMillis + 1);
            output.emitWatermark(new Watermark(timestamp));
        } else if (record.event() != null) {
            greatest = Math.max(greatest, timestamp);
        }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        boolean silent = clock.relativeTimeMillis() - lastEventAt > idleGraceMillis;
        if (greatest != Long.MIN_VALUE && !(idle && silent)) {
            output.emitWatermark(new Watermark(greatest - outOfOrdernessMillis - 1));
        }
        if (silent) {
            output.markIdle();
        }
        idle = silent;
    }
}
