package io.onevault.tracking.reprocess;

import java.util.function.Consumer;

/** How long no job read events, for people. */
final class Pause {

    private static final double NANOS = 1e9;

    private final Consumer<String> say;
    private long since;

    Pause(Consumer<String> say) {
        this.say = say;
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
