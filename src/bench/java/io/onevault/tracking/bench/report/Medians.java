package io.onevault.tracking.bench.report;

import io.onevault.tracking.bench.gauge.Rates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of several runs, and the medians of their main figures. */
public final class Medians {

    private static final double MEDIAN = 0.5;

    /** Paths of members, with points between; those that no run has are left out. */
    static final List<String> FIGURES =
            List.of(
                    "events_per_s.sustained",
                    "events_per_s.overall",
                    "cost_per_event.postgres_us",
                    "cost_per_event.jvm_us",
                    "cost_per_event.generator_us",
                    "cost_per_event.wal_bytes",
                    "disk.bytes_per_event",
                    "checkpoints.ms_median",
                    "freshness_ms.p50",
                    "freshness_ms.p99",
                    "freshness_ms.max",
                    "session_freshness_ms.p50",
                    "session_freshness_ms.p99",
                    "session_freshness_ms.max",
                    "copy_indexed.postgres_us",
                    "copy_unindexed.postgres_us",
                    "textbook.events_per_s.sustained",
                    "textbook.cost_per_event.postgres_us",
                    "textbook.cost_per_event.jvm_us",
                    "ratios.copy_indexed_to_ours_postgres_us",
                    "ratios.copy_unindexed_to_ours_postgres_us",
                    "ratios.ours_to_textbook",
                    "ratios.ours_to_textbook_overall",
                    "memory.peak_resident_mib");

    private final List<BenchReport> runs = new ArrayList<>();

    public void add(BenchReport run) {
        runs.add(run);
    }

    /** The report of the only run, or that of all. */
    public BenchReport report() {
        if (runs.size() == 1) {
            return runs.get(0);
        }
        BenchReport all = new BenchReport();
        all.put("runs", runs.stream().map(BenchReport::members).toList());
        all.put("medians", of(runs));
        if (runs.stream().allMatch(BenchReport::isChecked)) {
            all.addErrors(runs.stream().flatMap(run -> run.errors().stream()).toList());
        }
        return all;
    }

    static Map<String, Object> of(List<BenchReport> runs) {
        Map<String, Object> medians = new LinkedHashMap<>();
        for (String figure : FIGURES) {
            put(medians, figure, runs.stream().map(run -> figure(run, figure)).toList());
        }
        return medians;
    }

    static double figure(BenchReport run, String figure) {
        return run.number(figure.split("\\."));
    }

    /** Puts the median of those that are there, if any is. */
    static void put(Map<String, Object> medians, String figure, List<Double> all) {
        double[] values =
                all.stream()
                        .mapToDouble(Double::doubleValue)
                        .filter(value -> !Double.isNaN(value))
                        .toArray();
        if (values.length > 0) {
            medians.put(figure, Rates.quantile(values, MEDIAN));
        }
    }
}
