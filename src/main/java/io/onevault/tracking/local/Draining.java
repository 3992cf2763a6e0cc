package io.onevault.tracking.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;

/** Waits until the database holds everything that the topic holds. */
final class Draining {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration SETTLED = Duration.ofSeconds(3);
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(30);
    private static final long SECOND_MILLIS = 1_000;

    /** The instant at which the last session is over, whichever tenant it belongs to. */
    private static final String LAST_SESSION_END =
            """
            SELECT
                (extract(epoch FROM max(events.event_timestamp)) * 1000)::bigint
                    + greatest(
                        1800000,
                        (SELECT max(session_gap_ms) FROM auth.tenant_site_tracking_s)
                    )
            FROM business.site_event_h AS events
            """;

    // -- configuration
    private final Offsets offsets;
    private final JobWatch watch;
    private final Interrupts interrupts;
    private final Progress progress;

    Draining(Offsets offsets, JobWatch watch, Interrupts interrupts, Progress progress) {
        this.offsets = offsets;
        this.watch = watch;
        this.interrupts = interrupts;
        this.progress = progress;
    }

    /** Waits until the job has committed the end of every partition. */
    void awaitCaughtUp()
            throws IOException, ExecutionException, InterruptedException, StopRequestedException {
        long total = offsets.lag();
        for (long lag = total; lag > 0; lag = offsets.lag()) {
            watch.check();
            if (progress.isDue()) {
                progress.update("Processed %,d of %,d records", total - lag, total);
            }
            interrupts.pause(POLL);
        }
    }

    private void awaitTicks()
            throws IOException, ExecutionException, InterruptedException, StopRequestedException {
        while (offsets.lag() > 0) {
            watch.check();
            interrupts.pause(POLL);
        }
    }

    /** Moves the job's event time past the end of every session and waits for what follows. */
    void closeSessions(Connection connection, TrackerProducer producer)
            throws IOException,
                    SQLException,
                    ExecutionException,
                    InterruptedException,
                    StopRequestedException {
        OptionalLong end = lastSessionEnd(connection);
        if (end.isPresent()) {
            progress.say("Closing sessions");
            producer.tick(end.getAsLong() + SECOND_MILLIS);
            awaitTicks();
        }
    }

    private static OptionalLong lastSessionEnd(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LAST_SESSION_END)) {
            row.next();
            long millis = row.getLong(1);
            return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(millis);
        }
    }

    /** Waits until early firings have shown every session as it stands. */
    void awaitSettled(Connection connection)
            throws SQLException, InterruptedException, StopRequestedException {
        long now = System.nanoTime();
        long limit = now + SETTLE_LIMIT.toNanos();
        long changedAt = now;
        Sessions last = Sessions.read(connection);
        while (now - changedAt < SETTLED.toNanos() && now < limit) {
            interrupts.pause(POLL);
            Sessions current = Sessions.read(connection);
            now = System.nanoTime();
            if (!current.equals(last)) {
                last = current;
                changedAt = now;
            }
            if (progress.isDue()) {
                progress.update("%,d sessions of %,d events", last.count(), last.events());
            }
        }
    }
}
