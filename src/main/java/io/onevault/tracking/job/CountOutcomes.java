package io.onevault.tracking.job;

import io.onevault.tracking.event.LedgerEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/** Adds up a micro-batch of outcomes, so that few of them travel to the tally. */
final class CountOutcomes implements FlatMapFunction<List<LedgerEntry>, LedgerEntry> {

    private static final long serialVersionUID = 1;

    @Override
    public void flatMap(List<LedgerEntry> outcomes, Collector<LedgerEntry> out) {
        Map<String, LedgerEntry> sums = new LinkedHashMap<>();
        for (LedgerEntry outcome : outcomes) {
            sums.merge(outcome.key(), outcome, (sum, one) -> sum.plus(one.count()));
        }
        sums.values().forEach(out::collect);
    }
}
