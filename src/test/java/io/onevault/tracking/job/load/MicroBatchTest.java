package io.onevault.tracking.job.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.job.step.CountingMetrics;
import io.onevault.tracking.job.step.Metrics;
import java.time.Duration;
import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MicroBatchTest {

    private static final int MAX_SIZE = 3;
    private static final Duration MAX_AGE = Duration.ofMillis(500);

    private final CountingMetrics metrics = new CountingMetrics();
    private OneInputStreamOperatorTestHarness<String, List<String>> harness;

    @BeforeEach
    void open() throws Exception {
        harness =
                new OneInputStreamOperatorTestHarness<>(
                        new MicroBatch<>(MAX_SIZE, MAX_AGE, Duration.ZERO), metrics.environment());
        harness.open();
        harness.setProcessingTime(1_000);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private void receive(String... elements) throws Exception {
        for (String element : elements) {
            harness.processElement(element, 0);
        }
    }

    private List<List<String>> batches() {
        return harness.extractOutputValues();
    }

    @Test
    void sendsABatchWhenItIsFull() throws Exception {
        receive("a", "b");
        assertThat(batches()).isEmpty();

        receive("c", "d");

        assertThat(batches()).containsExactly(List.of("a", "b", "c"));
        assertThat(metrics.count(Metrics.BATCHES)).isEqualTo(1);
        assertThat(metrics.count(Metrics.BATCH_ROWS)).isEqualTo(3);
    }

    @Test
    void whatComesAfterAPauseGoesOutWithWhatCameWithIt() throws Exception {
        receive("a", "b");
        harness.setProcessingTime(1_049);
        assertThat(batches()).isEmpty();

        harness.setProcessingTime(1_050);

        assertThat(batches()).containsExactly(List.of("a", "b"));
    }

    @Test
    void sendsTheNextBatchWhenTheLastOneIsOld() throws Exception {
        receive("a");
        harness.setProcessingTime(1_050);
        receive("b");
        harness.setProcessingTime(1_300);
        receive("c");
        harness.setProcessingTime(1_549);
        assertThat(batches()).containsExactly(List.of("a"));

        harness.setProcessingTime(1_550);

        assertThat(batches()).containsExactly(List.of("a"), List.of("b", "c"));
    }

    @Test
    void aClockThatGoesBackDelaysNothing() throws Exception {
        harness.setProcessingTime(3_600_000);
        receive("a");
        harness.setProcessingTime(3_600_050);
        harness.setProcessingTime(2_000);
        receive("b");

        harness.setProcessingTime(2_500);

        assertThat(batches()).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void noElementWaitsLongerAfterAFullBatch() throws Exception {
        receive("a", "b", "c");
        harness.setProcessingTime(1_400);
        receive("d");

        harness.setProcessingTime(1_900);

        assertThat(batches()).containsExactly(List.of("a", "b", "c"), List.of("d"));
    }

    @Test
    void sendsWhatIsThereBeforeACheckpointBarrier() throws Exception {
        receive("a");

        harness.prepareSnapshotPreBarrier(1);

        assertThat(batches()).containsExactly(List.of("a"));
    }

    @Test
    void noWatermarkOvertakesAnElement() throws Exception {
        receive("a");
        harness.processWatermark(7);
        assertThat(harness.getOutput()).isEmpty();

        harness.setProcessingTime(1_500);

        assertThat(batches()).containsExactly(List.of("a"));
        assertThat(harness.getOutput()).last().isEqualTo(new Watermark(7));
    }

    /** Behind IDLE a watermark is passed over, and time would stand still until the next one. */
    @Test
    void aHeldWatermarkGoesOnBeforeTheInputIsIdle() throws Exception {
        receive("a");
        harness.processWatermark(7);

        harness.processWatermarkStatus(WatermarkStatus.IDLE);

        assertThat(batches()).containsExactly(List.of("a"));
        assertThat(List.copyOf(harness.getOutput()).subList(1, 3))
                .isEqualTo(List.of(new Watermark(7), WatermarkStatus.IDLE));
    }

    @Test
    void aWatermarkPassesWhenNothingWaits() throws Exception {
        harness.processWatermark(7);

        assertThat(harness.getOutput()).containsExactly(new Watermark(7));
    }

    @Test
    void sendsWhatIsThereAtTheEndOfTheInput() throws Exception {
        receive("a");

        harness.endInput();
        harness.getOperator().finish();

        assertThat(batches()).containsExactly(List.of("a"));
    }

    @Test
    void neverSendsAnEmptyBatch() throws Exception {
        harness.prepareSnapshotPreBarrier(1);
        receive("a", "b", "c");
        harness.setProcessingTime(5_000);
        harness.prepareSnapshotPreBarrier(2);
        harness.getOperator().finish();

        assertThat(batches()).containsExactly(List.of("a", "b", "c"));
        assertThat(metrics.count(Metrics.BATCHES)).isEqualTo(1);
    }

    @Test
    void neverTouchesABatchThatWasSent() throws Exception {
        receive("a", "b", "c");
        List<String> sent = batches().get(0);

        receive("d", "e", "f");

        assertThat(sent).containsExactly("a", "b", "c");
    }
}
