package io.onevault.tracking.job.read;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.util.clock.Clock;
import org.apache.flink.util.clock.RelativeClock;
import org.apache.flink.util.clock.SystemClock;

/**
 * Watermarks of one Kafka partition. They trail the greatest event time by the out-of-orderness; a
 * tick moves them to its time at once. A partition that has told no time for a grace holds nobody
 * back; when all are silent, {@link KeepTime} decides whether time goes on.
 *
 * <p>An event that lies farther ahead of the wall clock than {@link #MOST_AHEAD_MILLIS} tells no
 * time, and neither does a rejected one: whoever sends only such records neither drives time nor
 * stops it for others.
 *
 * <p>Silence is measured by Flink's input activity clock, which stands still under back-pressure: a
 * backlog is not silence.
 */
final class TrackerWatermarks implements WatermarkGenerator<DecodedRecord> {

    /** How far event time may be ahead of the wall clock, whatever a record says. */
    static final long MOST_AHEAD_MILLIS = Duration.ofMinutes(10).toMillis();

    // -- configuration
    private final long outOfOrdernessMillis;
    private final long idleGraceMillis;
    private final RelativeClock clock;
    private final Clock wallClock;

    // -- runtime
    private long greatest = Long.MIN_VALUE;
    private long lastEventAt;
    private boolean idle;

    /**
     * @param activityClock stands still under back-pressure
     */
    TrackerWatermarks(
            Duration outOfOrderness,
            Duration idleGrace,
            RelativeClock activityClock,
            Clock wallClock) {
        this.outOfOrdernessMillis = outOfOrderness.toMillis();
        this.idleGraceMillis = idleGrace.toMillis();
        this.clock = activityClock;
        this.wallClock = wallClock;
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
                                        outOfOrderness,
                                        idleGrace,
                                        context.getInputActivityClock(),
                                        SystemClock.getInstance()))
                .withTimestampAssigner((record, appended) -> record.occurredAt().toEpochMilli());
    }

    @Override
    public void onEvent(DecodedRecord record, long timestamp, WatermarkOutput output) {
        if (record.isTick()) {
            tick(timestamp, output);
        } else if (record.event() != null
                && timestamp - wallClock.absoluteTimeMillis() <= MOST_AHEAD_MILLIS) {
            take(timestamp);
        }
    }

    private void tick(long timestamp, WatermarkOutput output) {
        if (timestamp > 0) {
            take(timestamp + outOfOrdernessMillis + 1);
            output.emitWatermark(new Watermark(timestamp));
        }
    }

    private void take(long time) {
        greatest = Math.max(greatest, time);
        lastEventAt = clock.relativeTimeMillis();
        idle = false;
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
