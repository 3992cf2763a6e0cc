package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import java.time.Duration;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CountOutcomesTest {

    private OneInputStreamOperatorTestHarness<LedgerEntry, LedgerEntry> harness;

    @BeforeEach
    void open() throws Exception {
        harness =
                new OneInputStreamOperatorTestHarness<>(new CountOutcomes(Duration.ofMillis(500)));
        harness.open();
        harness.setProcessingTime(1_000);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static LedgerEntry entry(long day, String tenantHk, Outcome outcome, String code) {
        return new LedgerEntry(day, tenantHk, outcome, code, 1);
    }

    private void receive(LedgerEntry... outcomes) throws Exception {
        for (LedgerEntry outcome : outcomes) {
            harness.processElement(outcome, 0);
        }
    }

    @Test
    void addsUpWhatHasTheSameDayTenantOutcomeAndCode() throws Exception {
        LedgerEntry one = entry(1, "a", Outcome.REJECTED, "EMPTY");
        receive(one, one);
        harness.setProcessingTime(1_499);
        receive(one.plus(4), one.plus(4));
        assertThat(harness.extractOutputValues()).isEmpty();

        harness.setProcessingTime(1_500);

        assertThat(harness.extractOutputValues())
                .extracting(LedgerEntry::count)
                .containsExactly(2L, 10L);
        assertThat(harness.extractOutputValues())
                .extracting(LedgerEntry::key)
                .containsOnly(one.key());
    }

    @Test
    void keepsApartWhatDiffersInOneOfThem() throws Exception {
        LedgerEntry[] different = {
            entry(1, "a", Outcome.REJECTED, "EMPTY"),
            entry(2, "a", Outcome.REJECTED, "EMPTY"),
            entry(1, "b", Outcome.REJECTED, "EMPTY"),
            entry(1, "a", Outcome.REJECTED, "TOO_LARGE"),
            entry(1, "a", Outcome.RECEIVED, "")
        };
        receive(different);

        harness.setProcessingTime(1_500);

        assertThat(harness.extractOutputValues()).containsExactly(different);
    }

    @Test
    void holdsNothingBackFromACheckpointNorAtTheEnd() throws Exception {
        LedgerEntry one = entry(1, "a", Outcome.RECEIVED, "");
        receive(one);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(harness.extractOutputValues()).containsExactly(one);

        receive(one);
        harness.endInput();
        harness.getOneInputOperator().finish();

        assertThat(harness.extractOutputValues()).containsExactly(one, one);
    }
}
