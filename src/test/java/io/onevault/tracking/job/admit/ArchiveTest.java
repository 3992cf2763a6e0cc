package io.onevault.tracking.job.admit;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.vault.TestEvents;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArchiveTest {

    private static final Duration TTL = Duration.ofDays(7);

    private KeyedTwoInputStreamOperatorTestHarness<
                    String, AdmittedEvent, ErasedEvent, AdmittedEvent>
            harness;

    @BeforeEach
    void start() throws Exception {
        restore(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private void restore(OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedTwoInputStreamOperatorTestHarness<>(
                        new KeyedCoProcessOperator<>(new Archive(TTL)),
                        Archive::key,
                        Archive::key,
                        Types.STRING);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    private void receive(TestEvents event) throws Exception {
        harness.processElement1(event.admitted(), 0);
    }

    private List<AdmittedEvent> accepted() {
        return harness.extractOutputValues();
    }

    private List<Outcome> outcomes() {
        return harness.getSideOutput(SideOutputs.LEDGER).stream()
                .map(entry -> entry.getValue().outcome())
                .toList();
    }

    @Test
    void letsAnEventPassOnceAndCountsItsRepetition() throws Exception {
        receive(event("1").offset(1));
        receive(event("1").offset(2));

        assertThat(accepted()).containsExactly(event("1").offset(1).admitted());
        assertThat(outcomes()).containsExactly(Outcome.DUPLICATE);
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    /** A name and an id with the separator of keys between them, cut in two places. */
    @Test
    void keepsTenantsApartWhateverTheirNames() throws Exception {
        receive(event("1").tenant("acme"));
        receive(event("1").tenant("acme|evt_1"));

        assertThat(accepted())
                .extracting(AdmittedEvent::tenantBk)
                .containsExactly("acme", "acme|evt_1");
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
    }

    @Test
    void knowsEventsUntilTheirTimeToLiveIsOver() throws Exception {
        harness.setStateTtlProcessingTime(0);
        receive(event("1"));
        harness.setStateTtlProcessingTime(TTL.toMillis() - 1);
        receive(event("1"));
        assertThat(accepted()).hasSize(1);

        harness.setStateTtlProcessingTime(TTL.toMillis());
        receive(event("1"));

        assertThat(accepted()).hasSize(2);
    }

    @Test
    void aRepetitionDoesNotProlongTheTimeToLive() throws Exception {
        harness.setStateTtlProcessingTime(0);
        receive(event("1"));
        harness.setStateTtlProcessingTime(TTL.toMillis() - 1);
        receive(event("1"));

        harness.setStateTtlProcessingTime(TTL.toMillis() + 1);
        receive(event("1"));

        assertThat(accepted()).hasSize(2);
    }

    /** Whoever goes on from it, with whatever time to live, finds nothing. */
    @Test
    void takesNothingIntoASnapshotWhoseTimeIsOver() throws Exception {
        harness.setStateTtlProcessingTime(0);
        receive(event("1"));
        harness.setStateTtlProcessingTime(1);
        receive(event("2"));
        harness.setStateTtlProcessingTime(TTL.toMillis());
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();

        restore(snapshot);

        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void stillKnowsEventsAfterARestart() throws Exception {
        receive(event("1"));
        receive(event("2"));
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();

        restore(snapshot);
        receive(event("1"));
        receive(event("2"));
        receive(event("3"));

        assertThat(accepted()).extracting(AdmittedEvent::eventBk).containsExactly("evt_3");
        assertThat(outcomes()).hasSize(2);
    }

    /** With all that finds what steps behind keep of it, whatever its tenant's settings are. */
    @Test
    void anErasedEventIsForgottenAndGoesOnceMore() throws Exception {
        receive(event("1"));
        receive(event("2"));
        AdmittedEvent kept = accepted().get(0);
        harness.getOutput().clear();

        ErasedEvent erased = new ErasedEvent(kept.tenantHk(), kept.eventBk());
        harness.processElement2(erased, 0);
        harness.processElement2(erased, 0);

        assertThat(accepted())
                .singleElement()
                .satisfies(
                        forgotten -> {
                            assertThat(forgotten.isForgotten()).isTrue();
                            assertThat(forgotten.eventBk()).isEqualTo(kept.eventBk());
                            assertThat(forgotten.visitorBk()).isEqualTo(kept.visitorBk());
                            assertThat(forgotten.sessionId()).isEqualTo(kept.sessionId());
                        });
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    /** As a request for ten thousand visitors brings them. */
    @Test
    void ofManyErasedEventsNoneIsLeft() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            receive(event("gone" + i));
        }
        receive(event("kept"));
        List<AdmittedEvent> all = accepted();
        harness.getOutput().clear();

        for (AdmittedEvent gone : all.subList(0, 10_000)) {
            harness.processElement2(new ErasedEvent(gone.tenantHk(), gone.eventBk()), 0);
        }

        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
        assertThat(accepted()).hasSize(10_000).allMatch(AdmittedEvent::isForgotten);
    }
}
