package io.onevault.tracking.bench;

import io.onevault.tracking.bench.BenchOptions.Other;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.bench.report.BenchReport;
import java.util.LinkedHashMap;
import java.util.Map;

/** Loads the same in other ways, and puts their figures beside those of the job. */
final class Comparison {

    private static final String COPY_INDEXED = "copy_indexed";
    private static final String COPY_UNINDEXED = "copy_unindexed";

    private final BenchStage stage;
    private final BenchReport report;
    private final Map<String, Object> ratios = new LinkedHashMap<>();

    Comparison(BenchStage stage, BenchReport report) {
        this.stage = stage;
        this.report = report;
    }

    /** Runs what the options ask for, on the rows and records that the job's run has left. */
    void run() throws Exception {
        if (stage.options().compare.contains(Other.COPY)) {
            copy();
        }
        if (stage.options().compare.contains(Other.TEXTBOOK)) {
            TextbookRun.run(stage, report);
            ratio("ours_to_textbook", BenchFindings.SUSTAINED);
            ratio("ours_to_textbook_overall", BenchFindings.OVERALL);
        }
        if (!ratios.isEmpty()) {
            report.put("ratios", ratios);
        }
    }

    private void ratio(String name, String rate) {
        double ours = report.number(BenchFindings.RATE, rate);
        double theirs = report.number(TextbookRun.NAME, BenchFindings.RATE, rate);
        if (ours > 0 && theirs > 0) {
            ratios.put(name, Moment.rounded(ours / theirs));
        }
    }

    private void copy() throws Exception {
        try (PlainCopy copy = PlainCopy.dump(stage)) {
            report.put(COPY_INDEXED, copy.load(COPY_INDEXED, true));
            report.put(COPY_UNINDEXED, copy.load(COPY_UNINDEXED, false));
        }
        double ours = report.number(BenchFindings.COST, BenchFindings.POSTGRES);
        for (String way : new String[] {COPY_INDEXED, COPY_UNINDEXED}) {
            double theirs = report.number(way, BenchFindings.POSTGRES);
            ratios.put(way + "_to_ours_postgres_us", Moment.rounded(theirs / ours));
        }
    }
}
