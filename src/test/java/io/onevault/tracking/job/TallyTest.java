package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.LedgerTotal;
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

    private KeyedOneInputStreamOperatorTestHarness<String, LedgerEntry, LedgerTotal> harness;

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

    private static LedgerTotal total(LedgerEntry entry, JobID run) {
        return new LedgerTotal(entry, run.toHexString(), Instant.ofEpochMilli(5_000));
    }

    private List<LedgerTotal> totals() {
        return harness.extractOutputValues();
    }

    @Test
    void emitsRunningTotals() throws Exception {
        harness.processElement(entry(Outcome.RECEIVED, 3), 0);
        harness.processElement(entry(Outcome.ACCEPTED, 2), 0);
        harness.processElement(entry(Outcome.RECEIVED, 4), 0);

        assertThat(totals())
                .containsExactly(
                        total(entry(Outcome.RECEIVED, 3), FIRST_RUN),
                        total(entry(Outcome.ACCEPTED, 2), FIRST_RUN),
                        total(entry(Outcome.RECEIVED, 7), FIRST_RUN));
    }

    @Test
    void goesOnUnderTheRunThatBeganToCount() throws Exception {
        harness.processElement(entry(Outcome.RECEIVED, 3), 0);
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();

        run(SECOND_RUN, snapshot);
        harness.processElement(entry(Outcome.RECEIVED, 4), 0);
        harness.processElement(entry(Outcome.LATE, 1), 0);

        assertThat(totals())
                .containsExactly(
                        total(entry(Outcome.RECEIVED, 7), FIRST_RUN),
                        total(entry(Outcome.LATE, 1), SECOND_RUN));
    }
}
