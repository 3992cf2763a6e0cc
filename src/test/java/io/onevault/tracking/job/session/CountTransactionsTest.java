package io.onevault.tracking.job.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.purchase;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CountTransactionsTest {

    private static final long GAP = Duration.ofMinutes(30).toMillis();
    private static final Duration LATENESS = Duration.ofHours(3);

    private KeyedOneInputStreamOperatorTestHarness<String, SessionEvent, SessionEvent> harness;

    @BeforeEach
    void start() throws Exception {
        start(null);
    }

    private void start(OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(
                                new CountTransactions(Duration.ofDays(1), LATENESS)),
                        CountTransactions::key,
                        Types.STRING);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private void receive(SessionEvents event) throws Exception {
        SessionEvent made = event.make();
        harness.processElement(made, made.occurredAt().toEpochMilli());
    }

    private List<String> counted() {
        return harness.extractOutputValues().stream()
                .map(event -> event.sessionId() + ' ' + event.conversion() + ' ' + event.revenue())
                .toList();
    }

    @Test
    void countsATransactionOnceAndCorrectsWhereAnEarlierEventComes() throws Exception {
        receive(purchase(2_000, "t1", "5").session("b"));
        receive(purchase(3_000, "t1", "5").session("c"));
        receive(purchase(1_000, "t1", "5").session("a"));

        assertThat(counted())
                .containsExactly("b true 5", "c false null", "a true 5", "b false null");
    }

    @Test
    void tenantsHaveTransactionsOfTheirOwn() throws Exception {
        receive(purchase(1_000, "t1", "5").session("a"));
        receive(purchase(2_000, "t1", "7").session("b").tenant("zeta"));

        assertThat(counted()).containsExactly("a true 5", "b true 7");
    }

    @Test
    void remembersOverARestart() throws Exception {
        receive(purchase(1_000, "t1", "5").session("a"));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        start(state);

        receive(purchase(2_000, "t1", "5").session("b"));

        assertThat(counted()).containsExactly("b false null");
    }

    /** By then nobody could have the event forgotten any more: the archive has let go of it. */
    @Test
    void remembersNoEventLongerAsItsOrderIsToldAgain() throws Exception {
        receive(purchase(1_000, "t1", "5").session("a"));
        harness.setStateTtlProcessingTime(Duration.ofHours(20).toMillis());
        receive(purchase(2_000, "t1", "5").session("b"));
        harness.setStateTtlProcessingTime(Duration.ofHours(25).toMillis());
        receive(purchase(3_000, "t1", "5").session("c"));

        assertThat(counted()).containsExactly("a true 5", "b false null", "c true 5");
    }

    /** It belongs to no session, so the one that counts keeps the transaction. */
    @Test
    void anEventThatIsTooLateTakesNothing() throws Exception {
        receive(purchase(2_000, "t1", "5").session("b"));
        harness.processWatermark(START.toEpochMilli() + 1_000 + GAP - 1 + LATENESS.toMillis());

        receive(purchase(1_000, "t1", "5").session("a"));
        receive(purchase(1_000, "t1", "5").session("d").lateness(LATENESS.toMillis() - 1));
        receive(purchase(1_001, "t1", "5").session("c"));

        assertThat(counted()).containsExactly("b true 5", "c true 5", "b false null");
        assertThat(harness.getSideOutput(SideOutputs.LATE))
                .extracting(record -> record.getValue().sessionId())
                .containsExactly("a", "d");
    }

    @Test
    void forgetsATransactionThatAnErasedEventToldOf() throws Exception {
        receive(purchase(1_000, "t1", "5").session("a"));
        receive(purchase(2_000, "t1", "5").session("b"));
        SessionEvent erased = purchase(1_000, "t1", "5").session("a").forgotten().make();
        harness.processElement(erased, 0);

        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.extractOutputValues()).endsWith(erased);
    }
}
