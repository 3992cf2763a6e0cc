package io.onevault.tracking.local;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Notices when what is waited for moves no more: says so after a while, and gives up later. */
final class Patience {

    /** Longer than the job itself takes to give up over a server that is away. */
    static final Duration DEFAULT = Duration.ofMinutes(5);

    /** For those who end the waiting themselves. */
    static final Duration ENDLESS = Duration.ofNanos(Long.MAX_VALUE);

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);
    private static final int WORDS_PER_LIMIT = 3;

    // -- configuration
    private final long limitNanos;
    private final long silenceNanos;
    private final Progress progress;
    private final LongSupplier clock;

    // -- runtime
    private @Nullable Object state;
    private long movedAt;
    private long saidAt;

    Patience(Duration limit, Progress progress) {
        this(limit, progress, System::nanoTime);
    }

    Patience(Duration limit, Progress progress, LongSupplier clock) {
        this.limitNanos = limit.toNanos();
        this.silenceNanos = Math.min(limitNanos / WORDS_PER_LIMIT, LONGEST_SILENCE.toNanos());
        this.progress = progress;
        this.clock = clock;
        this.movedAt = clock.getAsLong();
        this.saidAt = movedAt;
    }

    /**
     * @param now what is waited for; it moves when this changes
     * @param words what is waited for, asked for only when it is to be told
     * @throws ProgramException when nothing has moved for too long
     */
    void check(Object now, Supplier<String> words) {
        long nanos = clock.getAsLong();
        if (!now.equals(state)) {
            state = now;
            movedAt = nanos;
            saidAt = nanos;
        } else if (nanos - movedAt >= limitNanos) {
            throw new ProgramException(
                    Program.AWAY,
                    "Nothing has moved for " + seconds(nanos) + " s. " + words.get(),
                    null);
        } else if (nanos - saidAt >= silenceNanos) {
            saidAt = nanos;
            progress.say("Nothing moves since " + seconds(nanos) + " s. " + words.get());
        }
    }

    private long seconds(long nanos) {
        return Duration.ofNanos(nanos - movedAt).toSeconds();
    }
}
