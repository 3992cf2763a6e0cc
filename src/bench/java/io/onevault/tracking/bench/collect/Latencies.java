package io.onevault.tracking.bench.collect;

import java.util.Locale;

/** How long answers took, in buckets of 50 microseconds up to ten seconds, and how many refused. */
final class Latencies {

    private static final double NANOS_OF_MILLI = 1e6;
    private static final long NANOS_OF_BUCKET = 50_000;

    private final int[] buckets = new int[200_000];
    private long taken;
    private long refused;
    private long most;

    void take(long nanos) {
        buckets[(int) Math.min(buckets.length - 1, nanos / NANOS_OF_BUCKET)]++;
        taken++;
        most = Math.max(most, nanos);
    }

    void refuse() {
        refused++;
    }

    void add(Latencies others) {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] += others.buckets[i];
        }
        taken += others.taken;
        refused += others.refused;
        most = Math.max(most, others.most);
    }

    private double millis(long rank) {
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen > rank) {
                return (i + 1) * NANOS_OF_BUCKET / NANOS_OF_MILLI;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** Taken, refused, seconds, and median, 99th percentile and most in milliseconds. */
    String told(double seconds) {
        return String.format(
                Locale.ROOT,
                "%d %d %.3f %.2f %.2f %.2f",
                taken,
                refused,
                seconds,
                millis(taken / 2),
                millis(taken * 99 / 100),
                most / NANOS_OF_MILLI);
    }
}
