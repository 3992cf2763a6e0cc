package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.admit.ReplaySteps;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.core.execution.JobClient;

/** Tells how far a running build is. */
final class Progress {

    private static final long EVERY_SECONDS = 10;

    private Progress() {}

    /** Waits for the end of the job and returns what it did, in a line. */
    static String follow(JobClient job, PrintStream out)
            throws ExecutionException, InterruptedException {
        long began = System.nanoTime();
        CompletableFuture<JobExecutionResult> result = job.getJobExecutionResult();
        while (true) {
            try {
                Map<String, Object> counts =
                        result.get(EVERY_SECONDS, TimeUnit.SECONDS).getAllAccumulatorResults();
                return line(counts, began) + leftOut(counts);
            } catch (TimeoutException running) {
                out.println(line(job.getAccumulators().get(), began));
            }
        }
    }

    private static String line(Map<String, Object> counts, long began) {
        double seconds = (System.nanoTime() - began) / 1e9;
        long read = count(counts, ReplaySteps.EVENTS_READ);
        long loaded = count(counts, ReplaySteps.EVENTS_LOADED);
        return String.format(
                Locale.ROOT,
                "%,d events read, %,d loaded, %,d s, %,.0f events/s",
                read,
                loaded,
                (long) seconds,
                loaded / seconds);
    }

    private static String leftOut(Map<String, Object> counts) {
        long withoutTenant = count(counts, ReplaySteps.EVENTS_WITHOUT_TENANT);
        long unreadable = count(counts, ReplaySteps.EVENTS_UNREADABLE);
        return String.format(
                Locale.ROOT,
                "; left out: %,d of tenants not registered, %,d unreadable",
                withoutTenant,
                unreadable);
    }

    private static long count(Map<String, Object> counts, String name) {
        return counts.get(name) instanceof Long count ? count : 0;
    }
}
