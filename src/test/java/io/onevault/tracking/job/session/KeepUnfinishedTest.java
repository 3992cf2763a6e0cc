package io.onevault.tracking.job.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.state.KeptSessions;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What a second run begins with of a client's sessions; the gap is 30 minutes. */
class KeepUnfinishedTest {

    private static final Duration LATENESS = Duration.ofHours(3);
    private static final long MINUTE = 60_000;

    private static final SessionEvent FIRST = pageView(0).make();
    private static final SessionEvent AGAIN = pageView(10 * 60 * MINUTE).make();

    /** It may be left to production, and the second run would tell it again. */
    @Test
    void keepsNothingOfASessionThatNoEventCanJoin() throws Exception {
        List<KeptSessions> kept = keptAt(11 * 60, FIRST, AGAIN);

        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).events()).containsExactly(AGAIN);
        assertThat(kept.get(0).published()).hasSize(1);
        assertThat(kept.get(0).settled()).isNull();
    }

    @Test
    void keepsWhatAnEventCanStillJoin() throws Exception {
        List<KeptSessions> kept = keptAt(4 * 60 - 1, FIRST, AGAIN);

        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).events()).containsExactly(FIRST, AGAIN);
        assertThat(keptAt(4 * 60, FIRST, AGAIN).get(0).events()).containsExactly(AGAIN);
    }

    @Test
    void keepsNothingWhenAllIsOver() throws Exception {
        assertThat(keptAt(14 * 60, FIRST, AGAIN)).isEmpty();
    }

    private static List<KeptSessions> keptAt(long minutes, SessionEvent... events)
            throws Exception {
        long watermark = START.toEpochMilli() + minutes * MINUTE;
        var keep = new KeyedProcessOperator<>(new KeepUnfinished(watermark, LATENESS));
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        keep,
                        (SessionEvent event) -> SessionKeys.operatorKey(event, event.sessionId()),
                        Types.STRING);
        harness.open();
        for (SessionEvent event : events) {
            harness.processElement(event, event.occurredAt().toEpochMilli());
        }
        harness.processWatermark(Long.MAX_VALUE);
        List<KeptSessions> kept = harness.extractOutputValues();
        harness.close();
        return kept;
    }
}
