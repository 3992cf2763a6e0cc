package io.onevault.tracking.reprocess;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobID;

/**
 * Up to when both jobs have passed time, so that what ended long enough before changes in neither
 * any more, whatever fails: a checkpoint of each is asked, to which it would go back. That of the
 * shadow's job is one that has read what the live one's had, or else an event that was in time for
 * the one could be too late for the other.
 */
final class Passed {

    /** Checkpoints come every few seconds, or minutes where much is to be written. */
    private static final Duration CHECKPOINT = Duration.ofMinutes(2);

    private static final int POLL_MILLIS = 100;

    /**
     * One of both jobs.
     *
     * @param newest its newest checkpoint; empty where none can be read
     * @param committed by partition up to where its group has committed
     */
    record Job(Callable<Optional<Checkpoint>> newest, Callable<Map<Integer, Long>> committed) {}

    private final Job live;
    private final Job shadow;
    private final long until;

    /**
     * @param most how long to wait for checkpoints
     */
    Passed(Job live, Job shadow, Duration most) {
        this.live = live;
        this.shadow = shadow;
        this.until = System.nanoTime() + most.toNanos();
    }

    /**
     * Notes what is done when the jobs are stopped, as it ended long enough before.
     *
     * @param live id of the live job
     */
    static void note(Runs runs, Jobs jobs, Run run, String live, Consumer<String> say)
            throws Exception {
        Optional<Instant> passed = by(jobs, Run.job(live), Run.job(run.shadowJob()), CHECKPOINT);
        if (passed.isEmpty()) {
            say.accept("Checkpoints of the jobs cannot be read here, which makes the pause longer");
            runs.forgetPassed();
            return;
        }
        try (Vault vault = new Vault(jobs.live().database())) {
            long farthest = vault.farthestMillis(List.of(jobs.live(run), jobs.switched(run)));
            Instant settled = passed.get().minusMillis(farthest);
            Map<String, Object> counts =
                    Map.of("settled_before", settled.toString(), "farthest_ms", farthest);
            runs.note(Map.of("counts", counts));
            say.accept("What ended before " + settled + " changes no more");
        }
    }

    /** Empty where no checkpoints can be read from here, or none come. */
    static Optional<Instant> by(Jobs jobs, JobID live, JobID shadow, Duration most)
            throws Exception {
        try (Offsets offsets = new Offsets(jobs.live())) {
            return new Passed(
                            job(jobs, live, offsets, jobs.liveGroup()),
                            job(jobs, shadow, offsets, jobs.shadowGroup()),
                            most)
                    .byBoth();
        }
    }

    private static Job job(Jobs jobs, JobID id, Offsets offsets, String group) {
        return new Job(
                () -> jobs.flink().checkpoints(id).flatMap(Checkpoint::newest),
                () -> offsets.committed(group));
    }

    Optional<Instant> byBoth() throws Exception {
        Optional<Checkpoint> one = completed(live, any -> true);
        if (one.isEmpty()) {
            return Optional.empty();
        }
        Map<Integer, Long> read = one.get().nextOffsets();
        Optional<Checkpoint> other =
                completed(shadow, next -> Offsets.behind(next.nextOffsets(), read) == 0);
        return other.map(found -> Math.min(one.get().watermark(), found.watermark()))
                .filter(at -> at != Long.MIN_VALUE)
                .map(Instant::ofEpochMilli);
    }

    /** The newest one that is wanted. Only when it is completed what it has read is committed. */
    private Optional<Checkpoint> completed(Job job, Predicate<Checkpoint> wanted) throws Exception {
        Optional<Checkpoint> found = job.newest().call().filter(wanted);
        while (found.isEmpty() && mayWait()) {
            found = job.newest().call().filter(wanted);
        }
        if (found.isEmpty()) {
            return found;
        }
        while (Offsets.behind(job.committed().call(), found.get().nextOffsets()) > 0) {
            if (!mayWait()) {
                return Optional.empty();
            }
        }
        return found;
    }

    private boolean mayWait() throws InterruptedException {
        if (System.nanoTime() > until) {
            return false;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        return true;
    }
}
