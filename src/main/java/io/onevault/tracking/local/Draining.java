package io.onevault.tracking.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/** Waits until the database holds everything that the topic holds. */
final class Draining {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration STALLED = Duration.ofSeconds(1);
    private static final Duration SETTLED = Duration.ofSeconds(3);
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
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

    /** Whether an event waits for its session, which a firing by the wall clock may yet publish. */
    static final String UNPUBLISHED =
            """
            SELECT EXISTS (
                SELECT FROM business.site_event_h AS events
                WHERE NOT EXISTS (
                    SELECT FROM business.event_session_l AS links
                    WHERE
                        links.event_hk = events.event_hk
                        AND links.event_timestamp = events.event_timestamp
                )
            )
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

    /** Waits for the input, closes every session, and waits for what follows from that. */
    void drain(Connection connection, TrackerProducer producer)
            throws IOException,
                    SQLException,
                    ExecutionException,
                    InterruptedException,
                    StopRequestedException {
        awaitEnds(producer);
        OptionalLong end = lastSessionEnd(connection);
        if (end.isPresent()) {
            progress.say("Closing sessions");
            producer.tick(end.getAsLong() + SECOND_MILLIS);
            awaitEnds(producer);
            awaitPublished(connection);
        }
    }

    /** An event that was late even for the tick changes its session only with an early firing. */
    private void awaitPublished(Connection connection)
            throws IOException, SQLException, InterruptedException, StopRequestedException {
        while (isUnpublished(connection)) {
            watch.check();
            interrupts.pause(POLL);
        }
    }

    private static boolean isUnpublished(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(UNPUBLISHED)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /**
     * Waits like {@link #awaitCaughtUp}, only without the pause at the end: Flink's Kafka source
     * commits no offset while it waits for records, up to 10 s, unless another record comes.
     */
    private void awaitEnds(TrackerProducer producer)
            throws IOException, ExecutionException, InterruptedException, StopRequestedException {
        Map<TopicPartition, Long> ends = offsets.ends();
        long total = offsets.lag(ends);
        long lag = total;
        long changedAt = System.nanoTime();
        while (lag > 0) {
            watch.check();
            if (progress.isDue()) {
                progress.update("Processed %,d of %,d records", total - lag, total);
            }
            interrupts.pause(POLL);
            long before = lag;
            lag = offsets.lag(ends);
            if (lag != before) {
                changedAt = System.nanoTime();
            } else if (System.nanoTime() - changedAt > STALLED.toNanos()) {
                nudge(producer, ends);
                changedAt = System.nanoTime();
            }
        }
    }

    private static void nudge(TrackerProducer producer, Map<TopicPartition, Long> ends)
            throws IOException {
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (end.getValue() > 0) {
                producer.nudge(end.getKey().partition());
            }
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
