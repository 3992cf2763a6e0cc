package io.onevault.tracking.reprocess;

import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.util.function.Consumer;

/** How long no job reads events: told before it begins, and how long it was. */
final class Pause {

    private static final double NANOS = 1e9;

    private final Consumer<String> say;
    private final int most;
    private long since;

    /**
     * @param most seconds that are allowed
     */
    Pause(Consumer<String> say, int most) {
        this.say = say;
        this.most = most;
    }

    /**
     * A savepoint of a job that runs on. When it is cancelled then, nothing is copied any more; and
     * whoever goes on reads as much as this has written.
     *
     * @throws ReprocessException where that took too long
     */
    String savepoint(Jobs jobs, Run run, String id) throws InterruptedException {
        say.accept("Taking a savepoint of job " + id + ", which runs on");
        long began = System.nanoTime();
        String savepoint = jobs.savepoint(run, id);
        double took = (System.nanoTime() - began) / NANOS;
        if (took > most) {
            throw new ReprocessException(
                    Code.PAUSE_TOO_LONG,
                    "a savepoint of job %s took %.1f s, and to go on from one takes about as long: more than the %d s of --max-pause; no job was stopped"
                            .formatted(id, took, most));
        }
        say.accept("It took %.1f s; to go on from one takes about as long".formatted(took));
        return savepoint;
    }

    void begin() {
        since = System.nanoTime();
    }

    /** Tells of it, unless another process began it. */
    void end() {
        if (since != 0) {
            say.accept("Ingest paused for %.1f s".formatted((System.nanoTime() - since) / NANOS));
        }
    }
}
