package io.onevault.tracking.reprocess;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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

    private final Jobs jobs;
    private final long until;

    /**
     * @param most how long to wait for checkpoints
     */
    Passed(Jobs jobs, Duration most) {
        this.jobs = jobs;
        this.until = System.nanoTime() + most.toNanos();
    }

    /** Empty where no checkpoints can be read from here, or none come. */
    Optional<Instant> by(JobID live, JobID shadow) throws Exception {
        try (Offsets offsets = new Offsets(jobs.live())) {
            Optional<Checkpoint> one = newest(live, any -> true);
            if (one.isEmpty() || !isCompleted(one.get(), jobs.liveGroup(), offsets)) {
                return Optional.empty();
            }
            Map<Integer, Long> read = one.get().nextOffsets();
            Optional<Checkpoint> other =
                    newest(shadow, next -> Offsets.behind(next.nextOffsets(), read) == 0);
            if (other.isEmpty() || !isCompleted(other.get(), jobs.shadowGroup(), offsets)) {
                return Optional.empty();
            }
            long passed = Math.min(one.get().watermark(), other.get().watermark());
            return Optional.of(passed)
                    .filter(at -> at != Long.MIN_VALUE)
                    .map(Instant::ofEpochMilli);
        }
    }

    private Optional<Checkpoint> newest(JobID job, Predicate<Checkpoint> wanted)
            throws InterruptedException {
        while (true) {
            Optional<Checkpoint> found =
                    jobs.flink().checkpoints(job).flatMap(Checkpoint::newest).filter(wanted);
            if (found.isPresent() || isOver()) {
                return found;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Only then what it has read is committed. */
    private boolean isCompleted(Checkpoint checkpoint, String group, Offsets offsets)
            throws Exception {
        while (Offsets.behind(offsets.committed(group), checkpoint.nextOffsets()) > 0) {
            if (isOver()) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return true;
    }

    private boolean isOver() {
        return System.nanoTime() > until;
    }
}
