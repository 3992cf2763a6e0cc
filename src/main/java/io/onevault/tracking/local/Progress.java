package io.onevault.tracking.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Messages and a progress line for people, on stderr: rewritten in place on a terminal, a line
 * every few seconds in a log.
 */
public final class Progress {

    private static final Duration TERMINAL_PAUSE = Duration.ofMillis(250);
    private static final Duration LOG_PAUSE = Duration.ofSeconds(5);
    private static final int LINE_CHARS = 78;

    // -- configuration
    private final PrintStream err;
    private final boolean terminal;

    // -- runtime
    private volatile long shownAt = System.nanoTime();
    private boolean lineOpen;

    public Progress(PrintStream err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** A message that stays. */
    public synchronized void say(String message) {
        shownAt = System.nanoTime();
        endLine();
        err.println(message);
    }

    /** Whether enough time has passed for the next update. */
    public boolean isDue() {
        Duration pause = terminal ? TERMINAL_PAUSE : LOG_PAUSE;
        return System.nanoTime() - shownAt >= pause.toNanos();
    }

    public synchronized void update(String format, Object... values) {
        shownAt = System.nanoTime();
        String line = String.format(Locale.ROOT, format, values);
        if (terminal) {
            err.print("\r" + line + " ".repeat(Math.max(0, LINE_CHARS - line.length())));
            err.flush();
            lineOpen = true;
        } else {
            err.println(line);
        }
    }

    private void endLine() {
        if (lineOpen) {
            err.println();
            lineOpen = false;
        }
    }
}
