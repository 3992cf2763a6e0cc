package io.onevault.tracking.job.read;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the step tells those behind it; the source's words are the test's, and so are Kafka's. */
class KeepTimeTest {

    private static final long GRACE = 30_000;
    private static final long SECOND = 1_000;
    private static final long NOON = Instant.parse("2026-11-20T12:00:00Z").toEpochMilli();
    private static final long DAY = 86_400_000;
    private static final long TEN_MINUTES = 600_000;
    private static final int MAX_PARALLELISM = 4;

    private final List<Subtask> subtasks = new ArrayList<>();

    /** Kafka's answers as the test wants them. */
    private static final class Kafka implements Backlog {
        private static final long serialVersionUID = 1;

        private transient CompletableFuture<Boolean> answer =
                CompletableFuture.completedFuture(true);
        private transient Map<Integer, Long> asked = Map.of();
        private transient CompletableFuture<Boolean> heldUp =
                CompletableFuture.completedFuture(false);
        private int questions;
        private boolean closed;

        @Override
        public CompletableFuture<Boolean> isNone(Map<Integer, Long> nextOffsets) {
            questions++;
            asked = new HashMap<>(nextOffsets);
            return answer;
        }

        @Override
        public CompletableFuture<Boolean> isHeldUp(Map<Integer, Long> nextOffsets) {
            return heldUp;
        }

        private void holdsUp(boolean some) {
            heldUp = CompletableFuture.completedFuture(some);
        }

        @Override
        public void close() {
            closed = true;
        }

        private void answers(boolean none) {
            answer = CompletableFuture.completedFuture(none);
        }

        private void isAway() {
            answer = CompletableFuture.failedFuture(new IOException("away"));
        }
    }

    /** One subtask, whose processing time goes on by whole seconds. */
    private static final class Subtask {
        private final Kafka kafka = new Kafka();
        private final OneInputStreamOperatorTestHarness<DecodedRecord, DecodedRecord> harness;
        private long now;
        private int offset;

        private Subtask(long now, OperatorSubtaskState state, int parallelism, int index)
                throws Exception {
            this.now = now;
            harness =
                    new OneInputStreamOperatorTestHarness<>(
                            new KeepTime(kafka, Duration.ofMillis(GRACE)),
                            MAX_PARALLELISM,
                            parallelism,
                            index);
            harness.setProcessingTime(now);
            harness.setup();
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
        }

        private void pass(long millis) throws Exception {
            for (long end = now + millis; now < end; ) {
                now += SECOND;
                harness.setProcessingTime(now);
            }
        }

        /** A record and what the source makes of its time. */
        private void receive(int partition, long time) throws Exception {
            harness.processElement(new StreamRecord<>(record(partition, offset++, time), time));
            harness.processWatermarkStatus(WatermarkStatus.ACTIVE);
            harness.processWatermark(time - 1);
        }

        private void sourceIsIdle() throws Exception {
            harness.processWatermarkStatus(WatermarkStatus.IDLE);
        }

        /** Behind an event at noon the source falls silent; the grace is just over. */
        private void fallSilentAfterNoon() throws Exception {
            receive(0, NOON);
            pass(GRACE);
            sourceIsIdle();
        }

        private List<Long> watermarks() {
            List<Long> watermarks = new ArrayList<>();
            for (Object element : harness.getOutput()) {
                if (element instanceof Watermark watermark) {
                    watermarks.add(watermark.getTimestamp());
                }
            }
            return watermarks;
        }

        private long watermark() {
            List<Long> watermarks = watermarks();
            return watermarks.get(watermarks.size() - 1);
        }

        private boolean idle() {
            boolean idle = false;
            for (Object element : harness.getOutput()) {
                if (element instanceof WatermarkStatus status) {
                    idle = status.isIdle();
                }
            }
            return idle;
        }

        private OperatorSubtaskState stop() throws Exception {
            OperatorSubtaskState state = harness.snapshot(1, now);
            harness.close();
            return state;
        }
    }

    private static DecodedRecord record(int partition, long offset, long time) {
        return new DecodedRecord(
                event("1").admitted().event(),
                null,
                Signals.NONE,
                Instant.ofEpochMilli(time),
                List.of(),
                new byte[0],
                new SourcePosition("events", partition, offset, Instant.EPOCH));
    }

    private Subtask start(long now, OperatorSubtaskState state, int parallelism, int index)
            throws Exception {
        Subtask subtask = new Subtask(now, state, parallelism, index);
        subtasks.add(subtask);
        return subtask;
    }

    private Subtask start() throws Exception {
        return start(NOON, null, 1, 0);
    }

    private Subtask restart(Subtask before, Duration off) throws Exception {
        return start(before.now + off.toMillis(), before.stop(), 1, 0);
    }

    private static OperatorSubtaskState stop(Subtask... all) throws Exception {
        OperatorSubtaskState[] states = new OperatorSubtaskState[all.length];
        for (int i = 0; i < all.length; i++) {
            states[i] = all[i].stop();
        }
        return AbstractStreamOperatorTestHarness.repackageState(states);
    }

    private Subtask restart(OperatorSubtaskState state, int before, int parallelism, int index)
            throws Exception {
        OperatorSubtaskState own =
                AbstractStreamOperatorTestHarness.repartitionOperatorState(
                        state, MAX_PARALLELISM, before, parallelism, index);
        return start(NOON + DAY, own, parallelism, index);
    }

    @AfterEach
    void close() throws Exception {
        for (Subtask subtask : subtasks) {
            subtask.harness.close();
        }
    }

    @Test
    void passesRecordsWatermarksAndIdlenessOn() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.receive(1, NOON + 1);
        subtask.sourceIsIdle();

        assertThat(subtask.harness.extractOutputValues())
                .extracting(record -> record.position().partition())
                .containsExactly(0, 1);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1, NOON);
        assertThat(subtask.idle()).isTrue();
    }

    @Test
    void neverGoesBack() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.receive(0, NOON - 60_000);

        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
    }

    @Test
    void followsTheWallClocksRateInSilence() throws Exception {
        Subtask subtask = start();
        subtask.fallSilentAfterNoon();
        assertThat(subtask.watermark()).isEqualTo(NOON - 1);

        // Kafka's answer is of the second before.
        for (int second = 1; second <= 3_600; second++) {
            subtask.pass(SECOND);
            assertThat(subtask.watermark()).isEqualTo(NOON - 1 + (second - 1) * SECOND);
        }
        assertThat(subtask.idle()).isFalse();
    }

    @Test
    void standsStillWithinTheGrace() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.sourceIsIdle();
        subtask.pass(GRACE - SECOND);

        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.kafka.questions).isZero();
    }

    /** Without a record, but not idle: the source's activity clock stands still. */
    @Test
    void standsStillWhileTheSourceIsHeldUp() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.pass(3_600_000);

        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.idle()).isFalse();
        assertThat(subtask.kafka.questions).isZero();
    }

    @Test
    void standsStillAndHoldsNobodyBackWhileThereIsLag() throws Exception {
        Subtask subtask = start();
        subtask.kafka.answers(false);
        subtask.fallSilentAfterNoon();
        subtask.pass(3_600_000);

        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.idle()).isTrue();
    }

    /** Others have read meanwhile, in which time the silence of this subtask went on. */
    @Test
    void catchesUpWithTheSilenceWhenTheLagIsOver() throws Exception {
        Subtask subtask = start();
        subtask.kafka.answers(false);
        subtask.fallSilentAfterNoon();
        subtask.pass(60_000);
        subtask.kafka.answers(true);

        subtask.pass(2 * SECOND);

        assertThat(subtask.watermark()).isEqualTo(NOON - 1 + 61_000);
        assertThat(subtask.idle()).isFalse();
    }

    @Test
    void lagThatAppearsInSilenceStopsTheClockAgain() throws Exception {
        Subtask subtask = start();
        subtask.fallSilentAfterNoon();
        subtask.pass(10 * SECOND);
        long reached = subtask.watermark();
        subtask.kafka.answers(false);
        subtask.pass(SECOND);

        subtask.pass(60_000);

        assertThat(subtask.watermark()).isEqualTo(reached + SECOND);
        assertThat(subtask.idle()).isTrue();
    }

    @Test
    void timeInWhichKafkaIsAwayDoesNotCount() throws Exception {
        Subtask subtask = start();
        subtask.kafka.isAway();
        subtask.fallSilentAfterNoon();
        subtask.pass(86_400_000);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.idle()).isTrue();

        subtask.kafka.answers(true);
        subtask.pass(2 * GRACE);

        assertThat(subtask.watermark()).isBetween(NOON, NOON - 1 + GRACE);
        assertThat(subtask.idle()).isFalse();
    }

    @Test
    void standsStillUntilTheAnswerComes() throws Exception {
        Subtask subtask = start();
        CompletableFuture<Boolean> pending = new CompletableFuture<>();
        subtask.kafka.answer = pending;
        subtask.fallSilentAfterNoon();
        subtask.pass(10 * SECOND);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.idle()).isTrue();
        assertThat(subtask.kafka.questions).isEqualTo(1);

        subtask.kafka.answer = new CompletableFuture<>();
        pending.complete(true);
        subtask.pass(SECOND);

        assertThat(subtask.watermark()).isBetween(NOON - 1, NOON - 1 + SECOND);
        assertThat(subtask.idle()).isFalse();
    }

    @Test
    void anAnswerOfBeforeTheLastRecordSaysNothing() throws Exception {
        Subtask subtask = start();
        subtask.kafka.answer = new CompletableFuture<>();
        subtask.fallSilentAfterNoon();
        subtask.pass(SECOND);
        subtask.kafka.answer.complete(true);
        subtask.receive(0, NOON + 5);

        subtask.pass(GRACE + SECOND);

        assertThat(subtask.watermarks()).containsExactly(NOON - 1, NOON + 4);
    }

    @Test
    void recordsOfASourceWithoutTimeInterruptTheSilence() throws Exception {
        Subtask subtask = start();
        subtask.fallSilentAfterNoon();
        subtask.pass(10 * SECOND);
        long reached = subtask.watermark();
        subtask.harness.processElement(new StreamRecord<>(record(0, 7, NOON), NOON));

        subtask.pass(GRACE);
        assertThat(subtask.watermark()).isEqualTo(reached);
        assertThat(subtask.idle()).isTrue();
        subtask.pass(5 * SECOND);

        assertThat(subtask.watermark()).isEqualTo(reached + 4 * SECOND);
    }

    @Test
    void theNextEventGoesOnFromTheTimeReached() throws Exception {
        Subtask subtask = start();
        subtask.fallSilentAfterNoon();
        subtask.pass(10 * SECOND);
        long reached = subtask.watermark();

        subtask.receive(0, NOON + 3 * SECOND);
        assertThat(subtask.watermark()).isEqualTo(reached);
        subtask.receive(0, NOON + 60 * SECOND);

        assertThat(subtask.watermark()).isEqualTo(NOON - 1 + 60 * SECOND);
        assertThat(subtask.watermarks()).isSorted();
    }

    @Test
    void tellsKafkaWhatWasRead() throws Exception {
        Subtask subtask = start();
        subtask.receive(3, NOON);
        subtask.receive(0, NOON);
        subtask.receive(3, NOON);
        subtask.sourceIsIdle();
        subtask.pass(GRACE);

        assertThat(subtask.kafka.asked).containsOnly(Map.entry(3, 3L), Map.entry(0, 2L));
    }

    @Test
    void aSubtaskWithoutPartitionHoldsNobodyBackAfterTheGrace() throws Exception {
        Subtask subtask = start();
        subtask.pass(GRACE - SECOND);
        assertThat(subtask.idle()).isFalse();

        subtask.pass(SECOND);

        assertThat(subtask.idle()).isTrue();
        assertThat(subtask.watermarks()).isEmpty();
    }

    @Test
    void aSubtaskGivenUpGoesOnWithItsFirstEvent() throws Exception {
        Subtask subtask = start();
        subtask.pass(GRACE);
        subtask.harness.processElement(new StreamRecord<>(record(0, 0, NOON), NOON));
        subtask.harness.processWatermark(NOON);

        assertThat(subtask.idle()).isFalse();
        assertThat(subtask.watermarks()).containsExactly(NOON);
    }

    @Test
    void aRestartBeginsWithTheTimeThatWasReached() throws Exception {
        Subtask first = start();
        first.receive(0, NOON);

        Subtask second = restart(first, Duration.ofDays(1));

        assertThat(second.watermarks()).containsExactly(NOON - 1);
        assertThat(second.idle()).isFalse();
    }

    @Test
    void aRestartIntoSilenceGoesOnAtTheWallClocksRate() throws Exception {
        Subtask first = start();
        first.receive(0, NOON);
        first.receive(1, NOON);

        Subtask second = restart(first, Duration.ofDays(1));
        second.pass(GRACE);
        second.sourceIsIdle();
        assertThat(second.watermark()).isEqualTo(NOON - 1);
        second.pass(1_800 * SECOND + SECOND);

        assertThat(second.watermark()).isEqualTo(NOON - 1 + 1_800 * SECOND);
        assertThat(second.idle()).isFalse();
        assertThat(second.kafka.asked).containsOnly(Map.entry(0, 1L), Map.entry(1, 2L));
    }

    @Test
    void aBacklogAfterADayOffIsNotLate() throws Exception {
        Subtask first = start();
        first.receive(0, NOON);

        Subtask second = restart(first, Duration.ofDays(1));
        second.kafka.answers(false);
        second.pass(3 * GRACE);
        assertThat(second.watermarks()).containsExactly(NOON - 1);
        second.receive(0, NOON + 60_000);

        assertThat(second.watermarks()).containsExactly(NOON - 1, NOON - 1 + 60_000);
    }

    @Test
    void aSecondRestartWithoutAnyRecordForgetsNothing() throws Exception {
        Subtask first = start();
        first.receive(2, NOON);

        Subtask third = restart(restart(first, Duration.ofDays(1)), Duration.ofDays(1));
        third.sourceIsIdle();
        third.pass(GRACE);

        assertThat(third.watermarks()).containsExactly(NOON - 1);
        assertThat(third.kafka.asked).containsOnly(Map.entry(2, 1L));
    }

    @Test
    void theEndOfTheInputIsNoTimeToGoOnWith() throws Exception {
        Subtask first = start();
        first.receive(0, NOON);
        first.harness.processWatermark(Watermark.MAX_WATERMARK);
        assertThat(first.watermark()).isEqualTo(Long.MAX_VALUE);

        Subtask second = restart(first, Duration.ofDays(1));

        assertThat(second.watermarks()).containsExactly(NOON - 1);
    }

    @Test
    void withAnotherParallelismTheLeastTimeHolds() throws Exception {
        Subtask ahead = start(NOON, null, 2, 0);
        ahead.receive(0, NOON + 60_000);
        Subtask behind = start(NOON, null, 2, 1);
        behind.receive(1, NOON);
        OperatorSubtaskState state = stop(ahead, behind);

        for (int index = 0; index < 3; index++) {
            Subtask subtask = restart(state, 2, 3, index);
            assertThat(subtask.watermarks()).as("subtask %d", index).containsExactly(NOON - 1);
            subtask.sourceIsIdle();
            subtask.pass(GRACE);
            assertThat(subtask.kafka.asked).containsOnly(Map.entry(0, 1L), Map.entry(1, 1L));
        }
    }

    /** It held nobody back before the restart, and must not bring back its old time with it. */
    @Test
    void aSubtaskThatWasSilentHoldsNobodyBackInARestart() throws Exception {
        Subtask flowing = start(NOON, null, 2, 0);
        flowing.receive(0, NOON + 86_400_000);
        Subtask silent = start(NOON, null, 2, 1);
        silent.kafka.answers(false);
        silent.fallSilentAfterNoon();

        Subtask restarted = restart(stop(flowing, silent), 2, 1, 0);

        assertThat(restarted.watermarks()).containsExactly(NOON - 1 + 86_400_000);
    }

    @Test
    void amongSilentSubtasksTheGreatestTimeHolds() throws Exception {
        Subtask longer = start(NOON, null, 2, 0);
        longer.fallSilentAfterNoon();
        Subtask shorter = start(NOON, null, 2, 1);
        shorter.receive(1, NOON + 60_000);
        shorter.sourceIsIdle();

        Subtask restarted = restart(stop(longer, shorter), 2, 1, 0);

        assertThat(restarted.watermarks()).containsExactly(NOON - 1 + 60_000);
    }

    /** A backlog that one subtask has not begun to read must not be late by what another has. */
    @Test
    void aSubtaskThatHasNoTimeYetIsNotOvertakenInARestart() throws Exception {
        Subtask reading = start(NOON, null, 2, 0);
        reading.receive(0, NOON);
        Subtask starting = start(NOON, null, 2, 1);

        Subtask restarted = restart(stop(reading, starting), 2, 1, 0);

        assertThat(restarted.watermarks()).isEmpty();
    }

    /** As another run left it that believed a record of 2100: no restart healed it. */
    @Test
    void aKeptTimeFarAheadOfTheWallClockIsBroughtBack() throws Exception {
        Subtask poisoned = start();
        poisoned.receive(0, Instant.parse("2100-01-01T00:00:00Z").toEpochMilli());

        Subtask restarted = restart(poisoned, Duration.ofMinutes(1));

        long now = NOON + 60_000;
        assertThat(restarted.watermarks()).containsExactly(now + TEN_MINUTES);
        restarted.receive(0, now + TEN_MINUTES + SECOND);
        assertThat(restarted.watermark()).isEqualTo(now + TEN_MINUTES + SECOND - 1);
    }

    /** The source takes the partition for silent, and would go on without its events. */
    @Test
    void timeWaitsForAPartitionThatCannotBeRead() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.kafka.holdsUp(true);
        subtask.pass(GRACE);

        subtask.receive(1, NOON + 60_000);
        subtask.pass(GRACE);
        subtask.sourceIsIdle();
        subtask.pass(2 * GRACE);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
        assertThat(subtask.idle()).as("nobody goes on without it").isFalse();

        subtask.receive(0, NOON + SECOND);
        subtask.kafka.holdsUp(false);
        subtask.pass(GRACE);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1, NOON + 60_000 - 1);
    }

    @Test
    void aHeldUpTimeIsKeptOverARestart() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.kafka.holdsUp(true);
        subtask.pass(GRACE);
        subtask.receive(1, NOON + 60_000);
        subtask.sourceIsIdle();

        Subtask restarted = restart(subtask, Duration.ZERO);

        assertThat(restarted.watermarks()).containsExactly(NOON - 1);
    }

    /** One that can't be asked says nothing new. */
    @Test
    void anUnansweredQuestionLeavesTheLastAnswer() throws Exception {
        Subtask subtask = start();
        subtask.receive(0, NOON);
        subtask.kafka.holdsUp(true);
        subtask.pass(GRACE);
        subtask.kafka.heldUp = CompletableFuture.failedFuture(new IOException("away"));
        subtask.pass(GRACE);

        subtask.receive(1, NOON + 60_000);
        assertThat(subtask.watermarks()).containsExactly(NOON - 1);
    }

    @Test
    void closesTheConnection() throws Exception {
        Subtask subtask = start();
        subtask.harness.close();

        assertThat(subtask.kafka.closed).isTrue();
    }
}
