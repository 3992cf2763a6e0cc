package io.onevault.tracking.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Watermarks of one Kafka partition. They trail the greatest event time by the out-of-orderness;
 * when the partition has been silent for a grace, they move on at the wall clock's rate, so that
 * sessions close without further events; a tick moves them to its time at once. A partition that
 * was silent from the start holds nobody back.
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

    private TrackerWatermarks(
            Duration outOfOrderness, Duration idleGrace, RelativeClock activityClock) {
        this.outOfOrdernessMillis = outOfOrderness.toMillis();
        this.idleGraceMillis = idleGrace.toMillis();
        this.clock = activityClock;
        this.lastEventAt = activityClock.relativeTimeMillis();
    }

    /**
     * @param outOfOrderness how far events of a partition are out of order in normal operation
     * @param idleGrace how long a partition is silent before the wall clock takes over
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
        if (record.isTick()) {
            greatest = Math.max(greatest, timestamp + outOfOrdernessMillis + 1);
            output.emitWatermark(new Watermark(timestamp));
        } else if (record.event() != null) {
            greatest = Math.max(greatest, timestamp);
        }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        long silence = clock.relativeTimeMillis() - lastEventAt - idleGraceMillis;
        if (greatest != Long.MIN_VALUE) {
            long now = greatest + Math.max(0, silence);
            output.emitWatermark(new Watermark(now - outOfOrdernessMillis - 1));
        } else if (silence > 0) {
            output.markIdle();
        }
    }
}
