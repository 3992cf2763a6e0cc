package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Jobs are what they say one time after the other. */
class PassedTest {

    private static final Duration LONG = Duration.ofHours(1);

    private static final Map<Integer, Long> NONE = Map.of();
    private static final Map<Integer, Long> TEN = Map.of(0, 10L, 1, 4L);
    private static final Map<Integer, Long> MORE = Map.of(0, 11L, 1, 4L);
    private static final Map<Integer, Long> OTHERWISE = Map.of(0, 12L, 1, 3L);

    @Test
    void isWhereTheSlowerJobIs() throws Exception {
        Passed.Job slow = job(List.of(new Checkpoint(TEN, 1_000)), List.of(TEN));
        Passed.Job fast = job(List.of(new Checkpoint(TEN, 2_000)), List.of(TEN));

        assertThat(new Passed(slow, fast, LONG).byBoth()).contains(Instant.ofEpochMilli(1_000));

        slow = job(List.of(new Checkpoint(TEN, 1_000)), List.of(TEN));
        fast = job(List.of(new Checkpoint(TEN, 2_000)), List.of(TEN));
        assertThat(new Passed(fast, slow, LONG).byBoth()).contains(Instant.ofEpochMilli(1_000));
    }

    /**
     * In every partition: an event that was in time for the one could be too late for the other.
     */
    @Test
    void waitsForACheckpointOfTheShadowsThatHasReadWhatTheLiveOneHad() throws Exception {
        Passed.Job live = job(List.of(new Checkpoint(TEN, 9_000)), List.of(TEN));
        Passed.Job shadow =
                job(
                        Arrays.asList(
                                null,
                                new Checkpoint(OTHERWISE, 5_000),
                                new Checkpoint(MORE, 7_000)),
                        List.of(MORE));

        assertThat(new Passed(live, shadow, LONG).byBoth()).contains(Instant.ofEpochMilli(7_000));
    }

    /** Before that its job would go back to the one before. */
    @Test
    void believesACheckpointOnceItIsCommitted() throws Exception {
        Iterator<Map<Integer, Long>> ofLive = List.of(NONE, OTHERWISE, TEN).iterator();
        Iterator<Map<Integer, Long>> ofShadow = List.of(OTHERWISE, MORE).iterator();
        Checkpoint one = new Checkpoint(TEN, 3_000);
        Checkpoint other = new Checkpoint(MORE, 4_000);

        Optional<Instant> passed =
                new Passed(
                                new Passed.Job(() -> Optional.of(one), ofLive::next),
                                new Passed.Job(() -> Optional.of(other), ofShadow::next),
                                LONG)
                        .byBoth();

        assertThat(passed).contains(Instant.ofEpochMilli(3_000));
        assertThat(ofLive).isExhausted();
        assertThat(ofShadow).isExhausted();
    }

    @Test
    void tellsNothingWhereOneJobTellsNothing() throws Exception {
        Checkpoint known = new Checkpoint(TEN, 1_000);
        Passed.Job whole = new Passed.Job(() -> Optional.of(known), () -> TEN);
        Passed.Job unread = new Passed.Job(Optional::empty, () -> TEN);
        Passed.Job uncommitted = new Passed.Job(() -> Optional.of(known), () -> OTHERWISE);
        Checkpoint began = new Checkpoint(TEN, Long.MIN_VALUE);
        Passed.Job timeless = new Passed.Job(() -> Optional.of(began), () -> TEN);
        Checkpoint less = new Checkpoint(OTHERWISE, 1_000);
        Passed.Job behind = new Passed.Job(() -> Optional.of(less), () -> OTHERWISE);

        for (Passed.Job job : List.of(unread, uncommitted, timeless)) {
            assertThat(new Passed(job, whole, Duration.ZERO).byBoth()).isEmpty();
            assertThat(new Passed(whole, job, Duration.ZERO).byBoth()).isEmpty();
        }
        assertThat(new Passed(whole, behind, Duration.ZERO).byBoth()).isEmpty();
        assertThat(new Passed(whole, whole, Duration.ZERO).byBoth()).isPresent();
    }

    private static Passed.Job job(List<Checkpoint> newest, List<Map<Integer, Long>> committed) {
        Iterator<Checkpoint> checkpoints = newest.iterator();
        return new Passed.Job(
                () -> Optional.ofNullable(checkpoints.next()), committed.iterator()::next);
    }
}
