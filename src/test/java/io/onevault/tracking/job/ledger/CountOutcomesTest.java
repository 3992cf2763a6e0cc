package io.onevault.tracking.job.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import java.time.Duration;
import java.util.List;
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

    /** Without what tells the totals without tenant again. */
    private List<LedgerEntry> counted() {
        return harness.extractOutputValues().stream().filter(entry -> entry.count() > 0).toList();
    }

    @Test
    void addsUpWhatHasTheSameDayTenantOutcomeAndCode() throws Exception {
        LedgerEntry one = entry(1, "a", Outcome.REJECTED, "EMPTY");
        receive(one, one);
        harness.setProcessingTime(1_499);
        receive(one.plus(4), one.plus(4));
        assertThat(counted()).isEmpty();

        harness.setProcessingTime(1_500);

        assertThat(counted()).extracting(LedgerEntry::count).containsExactly(2L, 10L);
        assertThat(counted()).extracting(LedgerEntry::key).containsOnly(one.key());
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

        assertThat(counted()).containsExactly(different);
    }

    @Test
    void holdsNothingBackFromACheckpointNorAtTheEnd() throws Exception {
        LedgerEntry one = entry(1, "a", Outcome.RECEIVED, "");
        receive(one);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(counted()).containsExactly(one);

        receive(one);
        harness.endInput();
        harness.getOneInputOperator().finish();

        assertThat(counted()).containsExactly(one, one);
    }

    @Test
    void countsNoneWithoutTenantOnEachDayOnce() throws Exception {
        LedgerEntry one = entry(1, "a", Outcome.RECEIVED, "");
        LedgerEntry next = entry(2, "a", Outcome.RECEIVED, "");
        receive(one, one);
        harness.setProcessingTime(1_500);
        receive(next, one, next);
        harness.setProcessingTime(2_000);

        assertThat(harness.extractOutputValues())
                .containsExactly(
                        LedgerEntry.noneWithoutTenant(1),
                        one.plus(1),
                        LedgerEntry.noneWithoutTenant(2),
                        next.plus(1),
                        one);
    }
}
