package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.sample.SampleTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    private static final Map<String, String> SETTINGS = Map.of("session.lateness", "30 d");

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
            Played ordered = play(runs, "ordered", input(runs, sample, 3), vault(postgres));
            assertThat(ordered.sessionsOut()).hasSizeGreaterThan(400);
            same(
                    play(runs, "reversed", input(runs, reversed, 2), vault(postgres, ordered)),
                    ordered);
            same(
                    play(runs, "shuffled", input(runs, shuffled, 4), vault(postgres, ordered)),
                    ordered);
        }
    }

    private static JobRuns.Input input(JobRuns runs, List<String> lines, int partitions)
            throws Exception {
        return runs.topic(
                lines.stream().map(JobRuns::utf8).toList(), partitions, Math.min(2, partitions));
    }

    private static TestDatabase vault(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, SampleTraffic.tenants());
        return database;
    }

    /**
     * A vault that knows what is not a matter of order: when events occurred whose deliveries tell
     * different times, as the first delivery decides, and who comes without cookies.
     */
    private static TestDatabase vault(TestPostgres postgres, Played first) throws Exception {
        TestDatabase database = vault(postgres);
        assertThat(VaultCopies.eventTimes(first.database(), database)).isPositive();
        VaultCopies.salts(first.database(), database);
        return database;
    }

    private static Played play(
            JobRuns runs, String name, JobRuns.Input input, TestDatabase database)
            throws Exception {
        runs.run(name, input, database, SETTINGS);
        VaultRows.assertSound(database);
        Path file = folder.resolve(name + ".jsonl");
        try (Connection connection = database.connect()) {
            SessionsOut.write(connection, file, new SessionNames(""));
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
