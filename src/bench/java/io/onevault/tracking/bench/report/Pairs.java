package io.onevault.tracking.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of two versions that ran by turns: both, their medians, and how they compare. */
public final class Pairs {

    private final List<Map<String, Object>> pairs = new ArrayList<>();
    private final List<BenchReport> here = new ArrayList<>();
    private final List<BenchReport> other = new ArrayList<>();

    public void add(BenchReport ofHere, BenchReport ofOther) {
        here.add(ofHere);
        other.add(ofOther);
        Map<String, Object> pair = new LinkedHashMap<>();
        pair.put("here", ofHere.members());
        pair.put("against", ofOther.members());
        pairs.add(pair);
    }

    /**
     * The ratio of a figure is the median of those of the pairs: what a pair has in common, such as
     * the mood of the machine, is not in it.
     */
    public BenchReport report() {
        Map<String, Object> ratios = new LinkedHashMap<>();
        for (String figure : Medians.FIGURES) {
            List<Double> ofPairs = new ArrayList<>();
            for (int i = 0; i < here.size(); i++) {
                ofPairs.add(
                        Medians.figure(here.get(i), figure) / Medians.figure(other.get(i), figure));
            }
            Medians.put(ratios, figure, ofPairs);
        }
        BenchReport report = new BenchReport();
        report.put("pairs", pairs);
        report.put("here", Medians.of(here));
        report.put("against", Medians.of(other));
        report.put("here_to_against", ratios);
        report.addErrors(here.stream().flatMap(run -> run.errors().stream()).toList());
        return report;
    }
}
