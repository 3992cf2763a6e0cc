package io.onevault.tracking.job.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.LedgerTotals;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final JobID FIRST_RUN = new JobID(1, 1);
    private static final JobID SECOND_RUN = new JobID(2, 2);
    private static final String TENANT = "0a".repeat(32);

    private KeyedOneInputStreamOperatorTestHarness<String, LedgerEntry, LedgerTotals> harness;

    @BeforeEach
    void start() throws Exception {
        run(FIRST_RUN, null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private void run(JobID job, OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new Tally()),
                        LedgerEntry::key,
                        Types.STRING,
                        new MockEnvironmentBuilder().setJobID(job).build());
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        harness.setProcessingTime(5_000);
    }

    private static LedgerEntry entry(Outcome outcome, long count) {
        return new LedgerEntry(20_000, TENANT, outcome, "", count);
    }

    private static LedgerTotals totals(JobID run, LedgerEntry... entries) {
        return new LedgerTotals(List.of(entries), run.toHexString(), Instant.ofEpochMilli(5_000));
    }

    private List<LedgerTotals> emitted() {
        return harness.extractOutputValues();
    }

    @Test
    void emitsAllRunningTotalsOfTheKey() throws Exception {
        LedgerEntry nextDay = new LedgerEntry(20_001, TENANT, Outcome.RECEIVED, "", 5);
        harness.processElement(entry(Outcome.RECEIVED, 3), 0);
        harness.processElement(nextDay, 0);
        harness.processElement(entry(Outcome.ACCEPTED, 2), 0);
        harness.processElement(entry(Outcome.RECEIVED, 4), 0);

        assertThat(emitted())
                .containsExactly(
                        totals(FIRST_RUN, entry(Outcome.RECEIVED, 3)),
                        totals(FIRST_RUN, nextDay),
                        totals(FIRST_RUN, entry(Outcome.RECEIVED, 3), entry(Outcome.ACCEPTED, 2)),
                        totals(FIRST_RUN, entry(Outcome.RECEIVED, 7), entry(Outcome.ACCEPTED, 2)));
    }

    @Test
    void goesOnUnderTheRunThatBeganWithoutStateAndForgetsWhatWasRolledBack() throws Exception {
        LedgerEntry nextDay = new LedgerEntry(20_001, TENANT, Outcome.RECEIVED, "", 1);
        harness.processElement(entry(Outcome.RECEIVED, 3), 0);
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.processElement(entry(Outcome.REJECTED, 4), 0);
        harness.processElement(nextDay, 0);
        harness.close();

        run(SECOND_RUN, snapshot);
        harness.processElement(entry(Outcome.LATE, 1), 0);
        harness.processElement(nextDay, 0);

        assertThat(emitted())
                .containsExactly(
                        totals(FIRST_RUN, entry(Outcome.RECEIVED, 3), entry(Outcome.LATE, 1)),
                        totals(FIRST_RUN, nextDay));
    }

    @Test
    void tellsTotalsAgainWhenNoneIsCountedAndKeepsNoStateOfThat() throws Exception {
        LedgerEntry none = LedgerEntry.noneWithoutTenant(20_000);
        harness.processElement(none, 0);
        assertThat(harness.numKeyedStateEntries()).isZero();
        harness.processElement(none.plus(2), 0);
        harness.processElement(none, 0);

        assertThat(emitted())
                .containsExactly(
                        totals(FIRST_RUN, none),
                        totals(FIRST_RUN, none.plus(2)),
                        totals(FIRST_RUN, none.plus(2)));
    }
}
