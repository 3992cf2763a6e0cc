package io.onevault.tracking.reprocess;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobID;

/**
 * Up to when both jobs have passed time, so that what ended long enough before changes in neither
 * any more, whatever fails: a checkpoint of each is asked, to which it would go back. That of the
 * shadow's job is one that has read what the live one's had, or else an event that was in time for
 * the one could be too late for the other.
 */
final class Passed {

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
