package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessRun;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a reprocess takes for a savepoint, and what it does not. */
@ExtendWith(PostgresExtension.class)
class ReprocessInputTest {

    private static final Path KEPT = Path.of("src/test/resources/savepoints/0.1.0.zip");

    /** Of 200 events some were sent twice. */
    private static final int KEPT_EVENTS = 187;

    private static final String METADATA = "_metadata";

    private static final String RUNS = "SELECT r::text FROM raw.site_tracking_reprocess_r AS r";
    private static final String SHADOWS =
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%\\_shadow'";

    @TempDir Path folder;
    private KeptSavepoint kept;
    private Path savepoint;

    @BeforeEach
    void unpack() throws IOException {
        kept = KeptSavepoint.read(KEPT, folder.resolve("kept"));
        savepoint = kept.savepoint();
    }

    /** The first version that was kept. */
    @Test
    void opensAnEarlierVersionsSavepoint(TestPostgres postgres) throws Exception {
        ReprocessRun plan = plan(postgres.vault(), savepoint, "--no-raw");

        String ends = "0/" + kept.ends().get(0) + ", 1/" + kept.ends().get(1);
        assertThat(plan.errors()).isEmpty();
        assertThat(plan.output())
                .contains("canonical savepoint, ", "goes on in kept at " + ends)
                .containsPattern("watermark 20..-..-..T")
                .containsPattern("last event 20..-..-..T")
                .contains("raw adds nothing", "session rules " + SessionRules.VERSION)
                .containsPattern("A build takes longer than 0:..:.., in which all was read")
                .contains("(not registered)")
                .containsPattern("all +" + KEPT_EVENTS + " +0 ");
    }

    /** Of builds that are over the largest one tells it best. */
    @Test
    void tellsATimeByABuildThatIsOver(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        for (String batch :
                List.of("'events', 1000, 'seconds', 100", "'events', 1870, 'seconds', 20")) {
            database.execute(
                    """
                    INSERT INTO raw.site_tracking_reprocess_r
                        (reprocess_id, state, counts, changed_at, load_date, record_source)
                    SELECT '$batch', 'DROPPED', jsonb_build_object('batch',
                        jsonb_build_object($json, 'slots', 3)), now(), now(), 'test'"""
                            .replace("$batch", batch.replaceAll("\\D", ""))
                            .replace("$json", batch));
        }

        ReprocessRun plan = plan(database, savepoint, "--no-raw");

        assertThat(plan.output())
                .contains("A build takes about 0:00:02 with ")
                .contains(": 1,870 events in 0:00:20, 94 events/s with 3 slots.");
    }

    @Test
    void refusesWhatIsNotThere(TestPostgres postgres) throws Exception {
        refuses("SAVEPOINT_NOT_FOUND", folder.resolve("none"), postgres);
    }

    @Test
    void refusesWhatWasNotFinished(TestPostgres postgres) throws Exception {
        Files.delete(savepoint.resolve(METADATA));

        refuses("SAVEPOINT_INCOMPLETE", savepoint, postgres);
    }

    @Test
    void refusesMetadataThatEndsTooEarly(TestPostgres postgres) throws Exception {
        halve(savepoint.resolve(METADATA));

        refuses("SAVEPOINT_INCOMPLETE", savepoint, postgres);
    }

    @Test
    void refusesDataThatWasNotCopied(TestPostgres postgres) throws Exception {
        try (Stream<Path> files = Files.list(savepoint)) {
            for (Path file : files.filter(path -> !path.endsWith(METADATA)).toList()) {
                halve(file);
            }
        }

        refuses("SAVEPOINT_INCOMPLETE", savepoint, postgres);
    }

    @Test
    void refusesAnotherJobs(TestPostgres postgres) throws Exception {
        var operator = new OperatorState("counter", "counter", new OperatorID(1, 2), 1, 128);

        refuses("SAVEPOINT_OF_ANOTHER_JOB", write(List.of(operator)), postgres);
    }

    /** Such as a version of the job whose archive has another uid. */
    @Test
    void refusesOneWithoutAnOperatorOfOurs(TestPostgres postgres) throws Exception {
        List<OperatorState> operators =
                SavepointLoader.loadSavepointMetadata(savepoint.toString())
                        .getOperatorStates()
                        .stream()
                        .filter(one -> !"archive".equals(one.getOperatorUid().orElse(null)))
                        .toList();

        refuses("SAVEPOINT_OF_ANOTHER_JOB", write(operators), postgres);
    }

    private Path write(List<OperatorState> operators) throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        try (var out = new DataOutputStream(Files.newOutputStream(other.resolve(METADATA)))) {
            Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(1, operators, List.of()), out);
        }
        return other;
    }

    @Test
    void refusesSettingsThatCanNotBe(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        String path = savepoint.toString();

        for (String command : List.of("plan", "build")) {
            for (String wrong : List.of("session.gap=soon", "session.gab=20m")) {
                assertRefused(
                        run(database, command, "--savepoint", path, "--set", wrong),
                        Program.USAGE,
                        "INVALID_SETTINGS: ");
            }
            assertRefused(run(database, command), Program.USAGE, "either --savepoint or");
        }
        String[] days = {
            "build", "--savepoint", path, "--from", "2026-11-20", "--to", "2026-11-19"
        };
        assertRefused(run(database, days), Program.USAGE, "--to is before --from");
        assertUnchanged(database);
    }

    @Test
    void refusesWhereADatabaseOrClusterIsAway(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        String path = savepoint.toString();
        String away = "jdbc:postgresql://127.0.0.1:1/none?user=nobody";

        for (String[] command :
                List.of(
                        new String[] {"plan", "--savepoint", path},
                        new String[] {"build", "--savepoint", path},
                        new String[] {"diff"})) {
            assertRefused(
                    run(new TestDatabase(away), command), Program.AWAY, "Failed: DATABASE_AWAY: ");
        }
        for (String how : List.of("--savepoints", "--tenant")) {
            // With a second run of the job, and without.
            String[] command = {
                "build", "--savepoint", path, "--jobmanager", "127.0.0.1:1", how, "acme"
            };
            assertRefused(run(database, command), Program.AWAY, "Failed: FLINK_AWAY: ");
        }
        assertUnchanged(database);
    }

    @Test
    void refusesTablesOfAnotherReprocessOrVersion(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        String[] build = {"build", "--no-follow", "--savepoint", savepoint.toString()};
        assertRefused(run(database, "diff"), Program.FAILED, "Failed: NOT_IN_STATE: ");
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        database.execute(
                "SELECT raw.site_tracking_reprocess_note("
                        + "'{\"state\": \"BUILT\", \"savepoint\": \"another\"}')");
        List<String> before = database.texts(RUNS);

        assertRefused(run(database, build), Program.FAILED, "Failed: SHADOW_EXISTS: ");
        database.execute("ALTER TABLE raw.site_tracking_events_r DROP COLUMN visitor_bk");
        assertRefused(run(database, build), Program.FAILED, "Failed: SCHEMA_TOO_OLD: ");
        assertRefused(plan(database, savepoint), Program.FAILED, "Failed: SCHEMA_TOO_OLD: ");
        assertThat(database.texts(RUNS)).isEqualTo(before);
    }

    @Test
    void refusesToMakeAShadowOfAnOlderVersion(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        database.execute("DROP TABLE raw.site_tracking_reprocess_r CASCADE");

        ReprocessRun build =
                run(database, "build", "--no-follow", "--savepoint", savepoint.toString());
        assertRefused(build, Program.FAILED, "Failed: SCHEMA_TOO_OLD: ");
        assertRefused(
                plan(database, savepoint, "--no-raw"), Program.FAILED, "Failed: SCHEMA_TOO_OLD: ");
        assertThat(database.texts(SHADOWS)).isEmpty();
    }

    @Test
    void refusesATenantThatIsNotRegistered(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();

        ReprocessRun run = plan(database, savepoint, "--tenant", "nobody");

        assertThat(run.errors()).containsExactly("Failed: UNKNOWN_TENANT: nobody");
    }

    /** Also by build, which has changed nothing then. */
    private void refuses(String code, Path path, TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        for (String command : List.of("plan", "build")) {
            ReprocessRun run = run(database, command, "--savepoint", path.toString());

            assertRefused(run, Program.FAILED, "Failed: " + code);
        }
        assertUnchanged(database);
    }

    private static void assertRefused(ReprocessRun run, int exitCode, String message) {
        assertThat(run.errors()).hasSize(1).first().asString().startsWith(message);
        assertThat(run.exitCode()).isEqualTo(exitCode);
    }

    private static void assertUnchanged(TestDatabase database) throws SQLException {
        assertThat(database.texts(RUNS)).isEmpty();
        assertThat(database.texts(SHADOWS)).isEmpty();
    }

    private static ReprocessRun plan(TestDatabase database, Path path, String... more) {
        String[] command =
                Stream.concat(Stream.of("plan", "--savepoint", path.toString()), Stream.of(more))
                        .toArray(String[]::new);
        return run(database, command);
    }

    private static ReprocessRun run(TestDatabase database, String... command) {
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap-servers", "127.0.0.1:1");
        settings.put("database.url", database.url());
        settings.put("database.user", "postgres");
        settings.put("privacy.secret", "${env:NONE}");
        return ReprocessRun.of(settings, command);
    }

    private static void halve(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }
}
