package io.onevault.tracking.local;

import io.onevault.tracking.local.BenchOptions.Other;
import java.util.LinkedHashMap;
import java.util.Map;

/** Loads the same in other ways, and puts their figures beside those of the job. */
final class BenchComparison {

    private static final String COPY_INDEXED = "copy_indexed";
    private static final String COPY_UNINDEXED = "copy_unindexed";

    private final BenchStage stage;
    private final BenchReport report;
    private final Map<String, Object> ratios = new LinkedHashMap<>();

    BenchComparison(BenchStage stage, BenchReport report) {
        this.stage = stage;
        this.report = report;
    }

    /** Runs what the options ask for, on the rows and records that the job's run has left. */
    void run() throws Exception {
        if (stage.options().compare.contains(Other.COPY)) {
            copy();
        }
        if (stage.options().compare.contains(Other.TEXTBOOK)) {
            BenchTextbook.run(stage, report);
            ratio("ours_to_textbook", BenchFindings.SUSTAINED);
            ratio("ours_to_textbook_overall", BenchFindings.OVERALL);
        }
        if (!ratios.isEmpty()) {
            report.put("ratios", ratios);
        }
    }

    private void ratio(String name, String rate) {
        double ours = report.number(BenchFindings.RATE, rate);
        double theirs = report.number(BenchTextbook.NAME, BenchFindings.RATE, rate);
        if (ours > 0 && theirs > 0) {
            ratios.put(name, BenchMoment.rounded(ours / theirs));
        }
    }

    private void copy() throws Exception {
        try (BenchCopy copy = BenchCopy.dump(stage)) {
            report.put(COPY_INDEXED, copy.load(COPY_INDEXED, true));
            report.put(COPY_UNINDEXED, copy.load(COPY_UNINDEXED, false));
        }
        double ours = report.number(BenchFindings.COST, BenchFindings.POSTGRES);
        for (String way : new String[] {COPY_INDEXED, COPY_UNINDEXED}) {
            double theirs = report.number(way, BenchFindings.POSTGRES);
            ratios.put(way + "_to_ours_postgres_us", BenchMoment.rounded(theirs / ours));
        }
    }
}
