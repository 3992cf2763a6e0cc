package io.onevault.tracking.local;

import io.onevault.tracking.program.ErrorLine;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/**
 * Waits until the database holds everything that the topic holds. It takes as long as it takes, but
 * ends with an error when nothing moves any more.
 */
final class Draining {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration STALLED = Duration.ofSeconds(1);

    /** Between two looks at what only a vault in use makes slow to count. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private static final long SECOND_MILLIS = 1_000;

    /**
     * The instant at which the last session is over, whichever tenant it belongs to; the parameter
     * is the gap of those that have none of their own.
     */
    private static final String LAST_SESSION_END =
            """
            SELECT
                (extract(epoch FROM max(events.event_timestamp)) * 1000)::bigint
                    + greatest(
                        ?,
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
    private final JobWatch job;
    private final VaultWatch vault;
    private final Console console;
    private final Patience patience;

    // -- runtime
    private List<Object> seen = List.of();
    private long seenAt = System.nanoTime();

    Draining(Offsets offsets, JobWatch job, VaultWatch vault, Console console, Patience patience) {
        this.offsets = offsets;
        this.job = job;
        this.vault = vault;
        this.console = console;
        this.patience = patience;
    }

    /** Waits until the job has committed the end of every partition. */
    void awaitCaughtUp()
            throws IOException, SQLException, ExecutionException, InterruptedException {
        long total = offsets.lag();
        for (long lag = total; lag > 0; lag = offsets.lag()) {
            tell(total - lag, total);
            check(recordsOf(offsets.ends()));
        }
    }

    /**
     * Waits for the input, closes every session, and waits for what follows from that.
     *
     * @param gap of the sessions of tenants that have set none of their own
     */
    void drain(TrackerProducer producer, Duration gap)
            throws IOException, SQLException, ExecutionException, InterruptedException {
        awaitEnds(producer);
        OptionalLong end = awaitLastSessionEnd(gap);
        if (end.isPresent()) {
            console.progress().say("Closing sessions");
            producer.tick(end.getAsLong() + SECOND_MILLIS);
            awaitEnds(producer);
            awaitPublished();
        }
    }

    /** An event that was late even for the tick changes its session only with an early firing. */
    private void awaitPublished() throws IOException, SQLException, InterruptedException {
        while (vault.ask(Draining::isUnpublished).orElse(true)) {
            check("events that are in no session");
        }
    }

    static boolean isUnpublished(Connection connection) throws SQLException {
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
            throws IOException, SQLException, ExecutionException, InterruptedException {
        Map<TopicPartition, Long> ends = offsets.ends();
        long total = offsets.lag(ends);
        long lag = total;
        long changedAt = System.nanoTime();
        while (lag > 0) {
            tell(total - lag, total);
            check(recordsOf(ends));
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

    private OptionalLong awaitLastSessionEnd(Duration gap)
            throws IOException, SQLException, InterruptedException {
        VaultWatch.Question<OptionalLong> asked = connection -> lastSessionEnd(connection, gap);
        Optional<OptionalLong> end = vault.ask(asked);
        while (end.isEmpty()) {
            check("the time of the last event, which is locked in PostgreSQL");
            end = vault.ask(asked);
        }
        return end.get();
    }

    private static OptionalLong lastSessionEnd(Connection connection, Duration gap)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LAST_SESSION_END)) {
            statement.setLong(1, gap.toMillis());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long millis = row.getLong(1);
                return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(millis);
            }
        }
    }

    private void tell(long processed, long total) {
        if (console.progress().isDue()) {
            console.progress().update("Processed %,d of %,d records", processed, total);
        }
    }

    /** Which records are waited for, by partition. */
    private String recordsOf(Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        List<String> partitions = new ArrayList<>();
        offsets.lags(ends)
                .forEach((partition, lag) -> partitions.add(lag + " of partition " + partition));
        return "records: " + String.join(", ", partitions);
    }

    /** Waits a little for something, as long as the job is well and anything moves. */
    private void check(String waitedFor) throws IOException, SQLException, InterruptedException {
        job.check();
        if (System.nanoTime() - seenAt > LOOK.toNanos()) {
            seen =
                    List.of(
                            job.runningTasks(),
                            vault.ask(Ledger::read),
                            vault.ask(SessionFigures::read));
            seenAt = System.nanoTime();
        }
        patience.check(List.of(waitedFor, seen), () -> words(waitedFor));
        console.interrupts().pause(POLL);
    }

    private String words(String waitedFor) {
        List<String> words = new ArrayList<>();
        words.add("Waiting for " + waitedFor);
        try {
            words.addAll(job.words());
            words.addAll(vault.blocked());
        } catch (IOException | SQLException e) {
            words.add("more is not known: " + ErrorLine.of(e));
        }
        return String.join("; ", words);
    }
}
