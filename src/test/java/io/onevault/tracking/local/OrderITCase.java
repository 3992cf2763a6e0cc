package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.sample.SampleTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bundled sample in order, backwards and shuffled, through the real job: what was sent twice,
 * and ids that were used twice, in any order, too.
 */
@ExtendWith(PostgresExtension.class)
class OrderITCase {

    private static final long SEED = 7;

    /** The sample spans some days, and in reverse its first event is its latest. */
    private static final Map<String, String> SETTINGS =
            Map.of("session.lateness", "30 d", "privacy.salts", "DERIVED");

    private static final Duration MOST_TRANSIT = Duration.ofMinutes(2);
    private static final Pattern SENT_AT = Pattern.compile("\"sent_at\":\"([^\"]*Z)\"");
    private static final Pattern RECEIVED_AT = Pattern.compile("\"received_at\":\"([^\"]*Z)\"");

    @TempDir static Path folder;

    private record Played(TestDatabase database, List<String> sessionsOut) {}

    @Test
    void orderDoesNotMatter(TestPostgres postgres) throws Exception {
        List<String> sample = SampleTraffic.lines();
        List<String> reversed = new ArrayList<>(sample);
        Collections.reverse(reversed);
        List<String> shuffled = new ArrayList<>(sample);
        Collections.shuffle(shuffled, new Random(SEED));

        try (JobRuns runs = new JobRuns(folder)) {
            Played ordered = play(runs, "ordered", input(runs, sample, 3), postgres);
            assertThat(ordered.sessionsOut()).hasSizeGreaterThan(400);
            resendsOfWrongClocksLast(reversed, sample);
            same(play(runs, "reversed", input(runs, reversed, 2), postgres), ordered);
            resendsOfWrongClocksLast(shuffled, sample);
            same(play(runs, "shuffled", input(runs, shuffled, 4), postgres), ordered);
        }
    }

    private static JobRuns.Input input(JobRuns runs, List<String> lines, int partitions)
            throws Exception {
        return runs.topic(
                lines.stream().map(JobRuns::utf8).toList(), partitions, Math.min(2, partitions));
    }

    /**
     * A client whose clock is wrong tells other times when it sends an event again, by as much as
     * the transit differs, and the first to arrive counts: their order is part of what is given. It
     * is put back; nothing else is.
     */
    private static void resendsOfWrongClocksLast(List<String> lines, List<String> inOrder) {
        Map<String, Deque<String>> sendings = new HashMap<>();
        for (String line : inOrder) {
            if (isOfWrongClock(line)) {
                sendings.computeIfAbsent(event(line), key -> new ArrayDeque<>()).add(line);
            }
        }
        assertThat(sendings.values()).anyMatch(times -> times.size() > 1);
        for (int i = 0; i < lines.size(); i++) {
            if (isOfWrongClock(lines.get(i))) {
                lines.set(i, sendings.get(event(lines.get(i))).remove());
            }
        }
    }

    private static boolean isOfWrongClock(String line) {
        Matcher sent = SENT_AT.matcher(line);
        Matcher received = RECEIVED_AT.matcher(line);
        return sent.find()
                && received.find()
                && Duration.between(Instant.parse(sent.group(1)), Instant.parse(received.group(1)))
                                .abs()
                                .compareTo(MOST_TRANSIT)
                        > 0;
    }

    /** What stays the same when an event is sent again. */
    private static String event(String line) {
        return RECEIVED_AT.matcher(SENT_AT.matcher(line).replaceFirst("")).replaceFirst("");
    }

    private static Played play(
            JobRuns runs, String name, JobRuns.Input input, TestPostgres postgres)
            throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme-shop", "nimbus-saas", "daily-lantern");
        runs.run(name, input, database, SETTINGS);
        VaultRows.assertSound(database);
        Path file = folder.resolve(name + ".jsonl");
        try (Connection connection = database.connect()) {
            SessionsOut.write(connection, file);
        }
        return new Played(database, Files.readAllLines(file));
    }

    private static void same(Played other, Played ordered) throws Exception {
        VaultRows.assertSame("sessions out", other.sessionsOut(), ordered.sessionsOut());
        assertThat(other.sessionsOut()).isEqualTo(ordered.sessionsOut());
        VaultRows.assertSame(
                "keys", VaultRows.keys(other.database()), VaultRows.keys(ordered.database()));
        VaultRows.assertSame(
                "contents",
                VaultRows.contents(other.database()),
                VaultRows.contents(ordered.database()));
        VaultRows.assertSame(
                "sessions",
                VaultRows.sessions(other.database()),
                VaultRows.sessions(ordered.database()));
        assertThat(VaultRows.ledger(other.database()))
                .isEqualTo(VaultRows.ledger(ordered.database()));
    }
}
