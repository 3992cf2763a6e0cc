package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LagTest {

    @Test
    void waitsUntilNothingIsBehind() throws Exception {
        Iterator<Long> records = List.of(7L, 3L, 0L).iterator();
        List<Long> told = new ArrayList<>();

        new Lag(records::next, null, Code.SHADOW_JOB_BEHIND, "job 1").awaitNone(told::add);

        assertThat(told).containsExactly(7L, 3L);
        assertThat(records).isExhausted();
    }

    /** Erasures and retention wait, too. */
    @Test
    void givesUpOnAJobThatMakesNoProgress() {
        Lag lag = new Lag(() -> 1_234L, Duration.ZERO, Code.SHADOW_JOB_BEHIND, "job 1");

        assertThatThrownBy(() -> lag.awaitNone(any -> {}))
                .isInstanceOf(ReprocessException.class)
                .hasMessage("SHADOW_JOB_BEHIND: job 1 is still 1,234 records behind");
    }

    /** The second run goes on meanwhile, and is not to be met. */
    @Test
    void letsTheLiveJobPassWhatWasReadInEachPartition() throws Exception {
        Map<Integer, Long> read = Map.of(0, 5L, 1, 2L);
        Map<Integer, Long> less = Map.of(0, 9L, 1, 1L);
        Iterator<Map<Integer, Long>> committed = List.of(less, read).iterator();
        List<Long> told = new ArrayList<>();

        Lag.ofLive(committed::next, read, Duration.ofHours(1)).awaitNone(told::add);

        assertThat(told).containsExactly(1L);
        assertThatThrownBy(() -> Lag.ofLive(() -> less, read, Duration.ZERO).awaitNone(any -> {}))
                .isInstanceOf(ReprocessException.class)
                .hasMessage("LIVE_JOB_BEHIND: the live job is still 1 records behind");
    }
}
