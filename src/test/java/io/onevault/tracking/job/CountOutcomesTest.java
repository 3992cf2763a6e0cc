package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.junit.jupiter.api.Test;

class CountOutcomesTest {

    private static LedgerEntry entry(long day, String tenantHk, Outcome outcome, String code) {
        return new LedgerEntry(day, tenantHk, outcome, code, 1);
    }

    private static List<LedgerEntry> count(List<LedgerEntry> outcomes) {
        List<LedgerEntry> sums = new ArrayList<>();
        new CountOutcomes().flatMap(outcomes, new ListCollector<>(sums));
        return sums;
    }

    @Test
    void addsUpWhatHasTheSameDayTenantOutcomeAndCode() {
        LedgerEntry one = entry(1, "a", Outcome.REJECTED, "EMPTY");

        assertThat(count(List.of(one, one, one.plus(4)))).containsExactly(one.plus(6));
    }

    @Test
    void keepsApartWhatDiffersInOneOfThem() {
        List<LedgerEntry> different =
                List.of(
                        entry(1, "a", Outcome.REJECTED, "EMPTY"),
                        entry(2, "a", Outcome.REJECTED, "EMPTY"),
                        entry(1, "b", Outcome.REJECTED, "EMPTY"),
                        entry(1, "a", Outcome.REJECTED, "TOO_LARGE"),
                        entry(1, "a", Outcome.RECEIVED, ""));

        assertThat(count(different)).containsExactlyElementsOf(different);
    }
}
