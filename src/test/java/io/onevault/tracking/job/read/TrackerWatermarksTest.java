package io.onevault.tracking.job.read;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkOutputMultiplexer;
import org.apache.flink.api.common.eventtime.WatermarkOutputMultiplexer.WatermarkUpdateListener;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

class TrackerWatermarksTest {

    private static final long OUT_OF_ORDERNESS = 10_000;
    private static final long GRACE = 30_000;
    private static final long NOON = Instant.parse("2026-11-20T12:00:00Z").toEpochMilli();

    private final ManualClock clock = new ManualClock(NOON * 1_000_000);
    private final Output output = new Output();
    private final WatermarkGenerator<DecodedRecord> watermarks =
            new TrackerWatermarks(
                    Duration.ofMillis(OUT_OF_ORDERNESS), Duration.ofMillis(GRACE), clock, clock);

    private static final class Output implements WatermarkOutput {
        private final List<Long> emitted = new ArrayList<>();
        private boolean idle;

        @Override
        public void emitWatermark(Watermark watermark) {
            emitted.add(watermark.getTimestamp());
            idle = false;
        }

        @Override
        public void markIdle() {
            idle = true;
        }

        @Override
        public void markActive() {
            idle = false;
        }

        private long last() {
            return emitted.get(emitted.size() - 1);
        }
    }

    private static final class Unheard implements WatermarkUpdateListener {
        @Override
        public void onIdleUpdate(boolean idle) {}

        @Override
        public void onWatermarkUpdate(long watermark) {}
    }

    private static DecodedRecord record(long millis) {
        Instant time = Instant.ofEpochMilli(millis);
        return new DecodedRecord(
                event("1").admitted().event(),
                null,
                Signals.NONE,
                time,
                List.of(),
                new byte[0],
                position());
    }

    private static DecodedRecord tick(long millis) {
        Instant time = Instant.ofEpochMilli(millis);
        return new DecodedRecord(
                null, null, Signals.NONE, time, List.of(), new byte[0], position());
    }

    private static SourcePosition position() {
        return new SourcePosition("events", 0, 0, Instant.EPOCH);
    }

    private void receive(DecodedRecord record) {
        watermarks.onEvent(record, record.occurredAt().toEpochMilli(), output);
    }

    private void pass(long millis) {
        clock.advanceTime(Duration.ofMillis(millis));
        watermarks.onPeriodicEmit(output);
    }

    @Test
    void takesTheTimestampFromTheEvent() {
        long timestamp =
                TrackerWatermarks.strategy(Duration.ZERO, Duration.ZERO)
                        .createTimestampAssigner(UnregisteredMetricsGroup::new)
                        .extractTimestamp(record(NOON), 1);

        assertThat(timestamp).isEqualTo(NOON);
    }

    @Test
    void trailsTheGreatestEventTimeByTheOutOfOrderness() {
        receive(record(NOON));
        receive(record(NOON - 5_000));
        pass(0);

        assertThat(output.emitted).containsExactly(NOON - OUT_OF_ORDERNESS - 1);
    }

    @Test
    void standsStillWithinTheGrace() {
        receive(record(NOON));
        pass(GRACE);

        assertThat(output.last()).isEqualTo(NOON - OUT_OF_ORDERNESS - 1);
    }

    @Test
    void holdsNobodyBackAfterTheGraceAndDoesNotAdvance() {
        receive(record(NOON));
        pass(GRACE);
        assertThat(output.idle).isFalse();
        pass(1);
        assertThat(output.idle).isTrue();

        pass(3_600_000);

        assertThat(output.idle).isTrue();
        assertThat(output.emitted).containsOnly(NOON - OUT_OF_ORDERNESS - 1);
    }

    @Test
    void namesTheLastEventsTimeBeforeItFallsSilent() {
        receive(record(NOON));

        pass(GRACE + 1);

        assertThat(output.emitted).containsExactly(NOON - OUT_OF_ORDERNESS - 1);
        assertThat(output.idle).isTrue();
    }

    @Test
    void goesOnWithTheNextEvent() {
        receive(record(NOON));
        pass(GRACE + 1);

        receive(record(NOON + 60_000));
        pass(0);

        assertThat(output.idle).isFalse();
        assertThat(output.last()).isEqualTo(NOON + 60_000 - OUT_OF_ORDERNESS - 1);
    }

    @Test
    void isNotSilentWhileTheActivityClockStandsStill() {
        receive(record(NOON));
        for (int i = 0; i < 1_000; i++) {
            watermarks.onPeriodicEmit(output);
        }

        assertThat(output.emitted).containsOnly(NOON - OUT_OF_ORDERNESS - 1);
        assertThat(output.idle).isFalse();
    }

    @Test
    void aTickMovesTheWatermarkAtOnce() {
        receive(record(NOON));
        receive(tick(NOON + 3_600_000));
        assertThat(output.emitted).containsExactly(NOON + 3_600_000);

        pass(0);

        assertThat(output.last()).isEqualTo(NOON + 3_600_000);
    }

    @Test
    void aPartitionThatWasSilentFromTheStartHoldsNobodyBack() {
        pass(GRACE);
        assertThat(output.idle).isFalse();

        pass(1);

        assertThat(output.idle).isTrue();
        assertThat(output.emitted).isEmpty();
    }

    /** A stamp of 2100 would end every session of every tenant, and no restart would heal it. */
    @Test
    void anEventFarAheadOfTheWallClockTellsNoTime() {
        long limit = NOON + TrackerWatermarks.MOST_AHEAD_MILLIS;
        receive(record(limit + 1));
        pass(0);
        assertThat(output.emitted).isEmpty();

        receive(record(NOON));
        receive(record(limit + 1));
        pass(0);
        assertThat(output.last()).isEqualTo(NOON - OUT_OF_ORDERNESS - 1);

        receive(record(limit));
        pass(0);
        assertThat(output.last()).isEqualTo(limit - OUT_OF_ORDERNESS - 1);
    }

    @Test
    void recordsThatTellNoTimeKeepNobodyWaiting() {
        for (int i = 0; i < 4; i++) {
            receive(record(Instant.parse("2100-01-01T00:00:00Z").toEpochMilli()));
            receive(rejected());
            pass(GRACE / 2);
        }

        assertThat(output.idle).isTrue();
        assertThat(output.emitted).isEmpty();
    }

    @Test
    void rejectedRecordsDoNotMoveEventTime() {
        receive(rejected());
        pass(0);

        assertThat(output.emitted).isEmpty();
    }

    private static DecodedRecord rejected() {
        var rejected =
                new RejectedEvent(
                        RejectReason.EMPTY,
                        null,
                        null,
                        null,
                        null,
                        Identity.NONE,
                        Instant.ofEpochMilli(NOON),
                        null,
                        new byte[0],
                        position(),
                        null);
        return new DecodedRecord(
                null,
                rejected,
                Signals.NONE,
                Instant.ofEpochMilli(NOON),
                List.of(),
                new byte[0],
                position());
    }

    /**
     * The generator may name a smaller time, as a tick does; what it names reaches the job through
     * Flink's multiplexer of partitions.
     */
    @Test
    void neverGoesBack() {
        var partitions = new WatermarkOutputMultiplexer(output);
        partitions.registerNewOutput("0", new Unheard());
        WatermarkOutput atOnce = partitions.getImmediateOutput("0");
        WatermarkOutput periodic = partitions.getDeferredOutput("0");
        DecodedRecord[] records = {record(NOON), record(NOON + 1), tick(NOON - 3_600_000)};
        for (DecodedRecord record : records) {
            watermarks.onEvent(record, record.occurredAt().toEpochMilli(), atOnce);
            clock.advanceTime(Duration.ofMillis(GRACE + 60_000));
            watermarks.onPeriodicEmit(periodic);
            partitions.onPeriodicEmit();
        }

        assertThat(output.emitted)
                .containsExactly(NOON - OUT_OF_ORDERNESS - 1, NOON - OUT_OF_ORDERNESS);
    }
}
