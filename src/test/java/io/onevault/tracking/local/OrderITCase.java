package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.tool.SampleTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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

/** The bundled sample in order, backwards and shuffled, through the real job. */
@ExtendWith(PostgresExtension.class)
class OrderITCase {

    private static final long SEED = 7;

    /** The sample spans some days, and in reverse its first event is its latest. */
    private static final Map<String, String> SETTINGS = Map.of("session.lateness", "30 d");

    private static final Pattern EVENT_ID = Pattern.compile("\"(event_id|eid)\":\"[^\"]*\"");

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
            Played ordered = play(runs, "ordered", input(runs, sample, 1), postgres);
            assertThat(ordered.sessionsOut()).hasSizeGreaterThan(400);
            resendsLast(reversed, sample);
            same(play(runs, "reversed", input(runs, reversed, 1), postgres), ordered);
            resendsLast(shuffled, sample);
            same(play(runs, "shuffled", input(runs, shuffled, 4), postgres), ordered);
        }
    }

    private static JobRuns.Input input(JobRuns runs, List<String> lines, int partitions)
            throws Exception {
        return runs.topic(
                lines.stream().map(JobRuns::utf8).toList(), partitions, Math.min(2, partitions));
    }

    /**
     * Of two events with one id the first one to arrive counts, and the two may tell different
     * times or, if a tracker is at fault, different things: their order is part of what is given,
     * so it is put back.
     */
    private static void resendsLast(List<String> lines, List<String> inOrder) {
        Map<String, Deque<String>> sendings = new HashMap<>();
        for (String line : inOrder) {
            sendings.computeIfAbsent(event(line), key -> new ArrayDeque<>()).add(line);
        }
        lines.replaceAll(line -> sendings.get(event(line)).remove());
    }

    /** What stays the same when an event is sent again. */
    private static String event(String line) {
        Matcher id = EVENT_ID.matcher(line);
        if (id.find()) {
            return id.group();
        }
        return line.replaceAll("\"(sent_at|received_at)\":(\"[^\"]*\"|[0-9]+)", "");
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
