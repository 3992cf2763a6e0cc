package io.onevault.tracking.local;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Tells people of each restart of the job, and fails when the job has failed for good. */
public final class JobWatch {

    // -- configuration
    private final RunningJob job;
    private final Progress progress;

    // -- runtime
    private Optional<String> lastFailure = Optional.empty();

    public JobWatch(RunningJob job, Progress progress) {
        this.job = job;
        this.progress = progress;
    }

    void check() throws IOException {
        Optional<String> failure = job.requireAlive();
        if (failure.isPresent() && !failure.equals(lastFailure)) {
            progress.say("The job restarts after a failure: " + failure.get());
        }
        lastFailure = failure;
    }

    /** How many tasks run, which changes while the job starts or restarts. */
    int runningTasks() throws IOException {
        return job.runningTasks();
    }

    /** How the job is, in words. */
    List<String> words() throws IOException {
        return JobWords.of(job.graph(), System.currentTimeMillis());
    }
}
