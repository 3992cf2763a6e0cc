package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/**
 * The second run of the job, which goes on from the savepoint of which the shadow was built, until
 * it is where the live job is.
 */
final class Following {

    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Runs runs;
    private final Jobs jobs;
    private final Consumer<String> say;

    Following(Runs runs, Jobs jobs, Consumer<String> say) {
        this.runs = runs;
        this.jobs = jobs;
        this.say = say;
    }

    /** Starts the job of the shadow, unless it runs. */
    Run start() throws Exception {
        Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
        if (run.is(Run.FOLLOWING) && jobs.flink().isAlive(Run.job(run.shadowJob()))) {
            return run;
        }
        String from = run.shadowFrom();
        if (from == null) {
            throw new ReprocessException(
                    Code.NOT_IN_STATE,
                    "it was built with --no-follow: switch to it, or drop it and build anew");
        }
        jobs.requireGoesOn(from);
        return start(from, JobID.generate().toHexString());
    }

    /** The same under another id. It is noted before, so that nobody starts two. */
    private Run start(String savepoint, String id) throws Exception {
        runs.forgetPassed();
        Map<String, String> counts = Map.of("shadow_from", savepoint);
        Run run = runs.note(Map.of("state", Run.FOLLOWING, "shadow_job", id, "counts", counts));
        jobs.startShadow(id, savepoint, run);
        say.accept("Job " + id + " follows from " + savepoint);
        return run;
    }

    /**
     * Waits until the shadow's job has done what the live one had done at the same time.
     *
     * @param most for how long; null for as long as it takes
     */
    void awaitCaughtUp(Run run, @Nullable Duration most) throws Exception {
        try (Offsets offsets = new Offsets(jobs.live())) {
            String second = "job " + run.shadowJob() + " of the shadow";
            Lag lag = new Lag(() -> behind(offsets), most, Code.SHADOW_JOB_BEHIND, second);
            AtomicLong toldAt = new AtomicLong(System.nanoTime() - TELL_NANOS);
            lag.awaitNone(
                    behind -> {
                        requireAlive(run);
                        if (System.nanoTime() - toldAt.get() >= TELL_NANOS) {
                            say.accept("%,d records behind the live job".formatted(behind));
                            toldAt.set(System.nanoTime());
                        }
                    });
        }
        say.accept("The shadow is where production is");
    }

    /**
     * Both commit with their checkpoints, so that one of them is ahead and then the other. Of a
     * partition of which Kafka has removed all that there was, the shadow's commits nothing.
     */
    private long behind(Offsets offsets) throws Exception {
        Map<Integer, Long> live = offsets.committed(jobs.liveGroup());
        Map<Integer, Long> shadow = offsets.begins(jobs.shadowGroup());
        // What it has begun to read and Kafka has removed since is lost to it, and keeps it behind.
        shadow.putAll(offsets.committed(jobs.shadowGroup()));
        return Offsets.behind(shadow, live);
    }

    void requireAlive(Run run) {
        if (!jobs.flink().isAlive(Run.job(run.shadowJob()))) {
            throw new ReprocessException(
                    Code.SHADOW_JOB_NOT_RUNNING,
                    "job %s of the shadow does not run; reprocess build starts it again"
                            .formatted(run.shadowJob()));
        }
    }
}
