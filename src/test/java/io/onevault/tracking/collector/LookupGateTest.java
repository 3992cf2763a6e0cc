package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.collector.LookupGate.Entry;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is told to those who find no place. */
final class LookupGateTest {

    private final AtomicLong now = new AtomicLong(1_000_000);
    private final LookupGate gate = new LookupGate(() -> Instant.ofEpochMilli(now.get()));

    @Test
    void keepsPlacesForKnownKeys() {
        for (int i = 0; i < LookupGate.STRANGERS_AT_ONCE; i++) {
            assertThat(gate.enter(false)).isEqualTo(Entry.OPEN);
        }
        assertThat(gate.enter(false)).isEqualTo(Entry.BUSY);
        assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
    }

    @Test
    void isAwayWhereNobodyIsAnswered() {
        fillKnown();
        assertThat(gate.enter(true)).isEqualTo(Entry.BUSY);
        now.addAndGet(LookupGate.PATIENCE.toMillis());
        assertThat(gate.enter(true)).isEqualTo(Entry.AWAY);

        gate.leave(true, true);
        assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
        assertThat(gate.enter(true)).isEqualTo(Entry.BUSY);
    }

    @Test
    void isAwayForAMinuteAfterAFailureForThoseWhoFindNoPlace() {
        assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
        gate.leave(true, false);
        now.addAndGet(LookupGate.PAUSE.toMillis());
        assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
        gate.leave(true, true);
        fillKnown();

        assertThat(gate.enter(true)).isEqualTo(Entry.AWAY);

        now.addAndGet(LookupGate.AFTERMATH.toMillis());
        gate.leave(true, true);
        assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
        assertThat(gate.enter(true)).isEqualTo(Entry.BUSY);
    }

    /** Its place comes of a look-up that failed: nobody else need wait for such a database. */
    @Test
    void letsNobodyInWhoWaitedWhileALookupFailed() throws Exception {
        fillKnown();
        FutureTask<Entry> entering = new FutureTask<>(() -> gate.enter(true));
        Thread waiting = new Thread(entering);
        waiting.start();
        while (waiting.getState() != Thread.State.TIMED_WAITING && !entering.isDone()) {
            Thread.onSpinWait();
        }

        gate.leave(true, false);

        assertThat(entering.get()).isEqualTo(Entry.AWAY);
    }

    private void fillKnown() {
        for (int i = 0; i < LookupGate.KNOWN_AT_ONCE; i++) {
            assertThat(gate.enter(true)).isEqualTo(Entry.OPEN);
        }
    }
}
