package io.onevault.tracking.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Waits until sessions stand still: until early firings have shown each of them as it is. */
public final class EarlyFirings {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration STILL = Duration.ofSeconds(3);

    // -- configuration
    private final JobWatch job;
    private final Console console;

    public EarlyFirings(JobWatch job, Console console) {
        this.job = job;
        this.console = console;
    }

    /** Waits for as long as anything moves. */
    public void await(Connection connection)
            throws IOException, SQLException, InterruptedException {
        await(connection, Patience.ENDLESS);
    }

    /** Waits, but no longer than given. */
    public void await(Connection connection, Duration limit)
            throws IOException, SQLException, InterruptedException {
        Patience patience = new Patience(Patience.DEFAULT, console.progress());
        long started = System.nanoTime();
        long changedAt = started;
        SessionFigures last = SessionFigures.read(connection);
        while (System.nanoTime() - started < limit.toNanos()
                && (System.nanoTime() - changedAt < STILL.toNanos()
                        || Draining.isUnpublished(connection))) {
            job.check();
            patience.check(last, () -> "Waiting for events that are in no session");
            console.interrupts().pause(POLL);
            SessionFigures current = SessionFigures.read(connection);
            if (!current.equals(last)) {
                last = current;
                changedAt = System.nanoTime();
            }
            if (console.progress().isDue()) {
                console.progress()
                        .update("%,d sessions of %,d events", last.count(), last.events());
            }
        }
    }
}
