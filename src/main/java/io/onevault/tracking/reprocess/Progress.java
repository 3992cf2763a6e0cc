package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.admit.ReplaySteps;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.core.execution.JobClient;

/** Tells how far a running build is, to people and to the database. */
final class Progress {

    private static final long EVERY_SECONDS = 10;

    private final PrintStream out;
    private final Runs runs;
    private final long began = System.nanoTime();

    Progress(PrintStream out, Runs runs) {
        this.out = out;
        this.runs = runs;
    }

    /**
     * Waits for the end of the job.
     *
     * @param slots that it has
     */
    void follow(JobClient job, int slots)
            throws ExecutionException, InterruptedException, SQLException {
        CompletableFuture<JobExecutionResult> result = job.getJobExecutionResult();
        while (true) {
            try {
                Map<String, Object> counts =
                        result.get(EVERY_SECONDS, TimeUnit.SECONDS).getAllAccumulatorResults();
                double seconds = tell(counts);
                long events = count(counts, ReplaySteps.EVENTS_LOADED);
                Map<String, ?> batch = Map.of("events", events, "seconds", seconds, "slots", slots);
                runs.note(Map.of("counts", Map.of("batch", batch)));
                out.printf(
                        Locale.ROOT,
                        "left out: %,d events of tenants not registered, %,d that retention removed,"
                                + " %,d unreadable%n",
                        count(counts, ReplaySteps.EVENTS_WITHOUT_TENANT),
                        count(counts, ReplaySteps.EVENTS_OVER),
                        count(counts, ReplaySteps.EVENTS_UNREADABLE));
                return;
            } catch (TimeoutException running) {
                tell(job.getAccumulators().get());
            }
        }
    }

    /** It is also the sign of life of the build. Returns how long it has been at work. */
    private double tell(Map<String, Object> counts) throws SQLException {
        double seconds = (System.nanoTime() - began) / 1e9;
        long read = count(counts, ReplaySteps.EVENTS_READ);
        long loaded = count(counts, ReplaySteps.EVENTS_LOADED);
        out.printf(
                Locale.ROOT,
                "%,d events read, %,d loaded, %,.0f s, %,.0f events/s%n",
                read,
                loaded,
                seconds,
                loaded / seconds);
        runs.note(Map.of("counts", Map.of("read", read, "events", loaded)));
        return seconds;
    }

    private static long count(Map<String, Object> counts, String name) {
        return counts.get(name) instanceof Long count ? count : 0;
    }
}
