package io.onevault.tracking.bench.gauge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How fast records were committed, from samples of how many were. */
public final class Rates {

    private static final double SECOND_NANOS = 1e9;

    private final List<Sample> samples = new ArrayList<>();

    /** So many records were committed at a moment, by {@link System#nanoTime}. */
    public record Sample(long atNanos, long committed) {}

    /** Adds a sample; where nothing was committed since the last one, it says nothing new. */
    public void add(long atNanos, long committed) {
        if (samples.isEmpty() || last().committed() != committed) {
            samples.add(new Sample(atNanos, committed));
        }
    }

    public Sample last() {
        return samples.get(samples.size() - 1);
    }

    /**
     * Records per second in each whole window from one moment to the last commit. Records come in
     * with checkpoints; between two of them they are taken as spread evenly.
     */
    public double[] perWindow(long fromNanos, long windowNanos) {
        int windows = (int) Math.max(0, (last().atNanos() - fromNanos) / windowNanos);
        double[] rates = new double[windows];
        for (int i = 0; i < windows; i++) {
            long start = fromNanos + i * windowNanos;
            double records = committedAt(start + windowNanos) - committedAt(start);
            rates[i] = records * SECOND_NANOS / windowNanos;
        }
        return rates;
    }

    /** How many records were committed at a moment, interpolated. */
    public double committedAt(long nanos) {
        Sample before = samples.get(0);
        if (nanos <= before.atNanos()) {
            return before.committed();
        }
        for (Sample sample : samples) {
            if (sample.atNanos() >= nanos) {
                double share =
                        (nanos - before.atNanos()) / (double) (sample.atNanos() - before.atNanos());
                return before.committed() + share * (sample.committed() - before.committed());
            }
            before = sample;
        }
        return before.committed();
    }

    /** The value below which the given share of all lies; NaN without any. */
    public static double quantile(double[] values, double share) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(share * sorted.length) - 1;
        return sorted[Math.max(0, rank)];
    }
}
