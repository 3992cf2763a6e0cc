package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessRun;
import io.onevault.tracking.vault.TestEvents;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
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

    private static final String SHADOW_TENANTS =
            """
            SELECT DISTINCT tenant_bk
              FROM business_shadow.site_event_h
              JOIN auth.tenant_h USING (tenant_hk)""";

    /** Also of what is read again. */
    private static final String SECRET = TestSecret.reference(JobRuns.SECRET);

    private static final String AWAY = "jdbc:postgresql://127.0.0.1:1/none?user=nobody";

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

    /** The page's for the local stack, whose database lets its own user in alone. */
    @Test
    void theRecipesCommandsAreTaken() throws IOException {
        String page = Files.readString(Path.of("docs/reprocessing.md")).replace("\\\n", "");
        String recipe = page.substring(page.indexOf("## The local stack"));

        assertThat(recipe).contains("\nexport PGUSER=" + EmbeddedPostgres.USER + "\n");
        List<String> commands =
                page.lines()
                        .filter(line -> line.startsWith("reprocess "))
                        .map(line -> line.replace("\"$FLINK\"", "127.0.0.1:42113"))
                        .map(line -> line.replaceAll(" (\\|\\||>).*", ""))
                        .toList();
        assertThat(commands).hasSizeGreaterThan(8);
        commands.forEach(command -> ReprocessRun.parse(command.split(" +")));
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
        for (Path file : stateFiles()) {
            byte[] whole = Files.readAllBytes(file);
            halve(file);
            assertThatThrownBy(() -> ReprocessRun.open(savepoint))
                    .hasMessageStartingWith("SAVEPOINT_INCOMPLETE")
                    .hasMessageContaining(file.getFileName().toString());
            Files.write(file, whole);
        }
        Files.delete(stateFiles().get(0));

        refuses("SAVEPOINT_INCOMPLETE", savepoint, postgres);
    }

    private List<Path> stateFiles() throws IOException {
        try (Stream<Path> files = Files.list(savepoint)) {
            return files.filter(path -> !path.endsWith(METADATA)).sorted().toList();
        }
    }

    /** Its events would come on top of those that are there. */
    @Test
    void refusesAnotherInstallations(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        Map<String, String> ofAnotherTopic = settings(database);
        ofAnotherTopic.put("kafka.topic", "other");
        for (String command : List.of("plan", "build")) {
            assertRefused(
                    ReprocessRun.of(ofAnotherTopic, command, "--savepoint", savepoint.toString()),
                    Program.FAILED,
                    "Failed: SAVEPOINT_OF_ANOTHER_JOB: ");
        }
        assertUnchanged(database);
        count(database, "another");
        begin(database, "another", 1);

        for (ReprocessRun run : List.of(plan(database, savepoint), build(database))) {
            assertRefused(run, Program.FAILED, "Failed: SAVEPOINT_OF_ANOTHER_JOB: ");
        }
        assertUnchanged(database);

        count(database, kept.run());
        assertThat(plan(database, savepoint, "--no-raw").errors()).isEmpty();
    }

    /** What the later one has counted the second run would count once more. */
    @Test
    void refusesToFollowFromBeforeARunWithoutState(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        count(database, kept.run());
        String[] build = {
            "build",
            "--savepoint",
            "" + savepoint,
            "--jobmanager",
            "127.0.0.1:1",
            "--savepoints",
            "x"
        };
        String[] alone = Arrays.copyOf(build, build.length + 1);
        alone[build.length] = "--no-follow";
        begin(database, kept.run(), 1);

        assertRefused(run(database, build), Program.AWAY, "Failed: FLINK_AWAY: ");
        begin(database, "later", 2);
        // As of a job that goes on from before anything was written.
        assertRefused(run(database, build), Program.AWAY, "Failed: FLINK_AWAY: ");
        count(database, "later");
        assertRefused(run(database, build), Program.FAILED, "Failed: SAVEPOINT_OF_EARLIER_RUN: ");
        assertRefused(run(database, alone), Program.AWAY, "Failed: FLINK_AWAY: ");
        assertUnchanged(database);
    }

    /** It counts what the second run has counted, and what that one goes on to count. */
    @Test
    void refusesToSwitchBehindARunWithoutState(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        begin(database, kept.run(), 1);
        begin(database, "later", 2);
        count(database, kept.run());
        count(database, "later");
        database.execute(
                """
                UPDATE raw.site_tracking_reprocess_r
                   SET state = 'FOLLOWING',
                       shadow_job = repeat('0', 32),
                       counts = jsonb_build_object('shadow_from', '%s')"""
                        .formatted(savepoint));
        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> ReprocessRun.toSwitch(connection, settings(database)))
                    .hasMessageStartingWith("SAVEPOINT_OF_EARLIER_RUN: ")
                    .hasMessageContaining("and run later began without state since")
                    .hasMessageEndingWith("build anew of a savepoint of that one");
        }
    }

    private static void begin(TestDatabase database, String run, int day) throws SQLException {
        database.execute(
                "INSERT INTO raw.site_tracking_run_r VALUES ('%s', 0, '2026-11-%02d', 'test')"
                        .formatted(run, day));
    }

    private static void count(TestDatabase database, String run) throws SQLException {
        database.execute(
                """
                INSERT INTO raw.site_tracking_ledger_r
                VALUES ('2026-11-20', '\\x00', 'RECEIVED', '', '%s', 1, now(), 'test')"""
                        .formatted(run));
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
            for (String wrong :
                    List.of("session.gap=soon", "session.gab=20m", "database.layers=PRODUCTION")) {
                assertRefused(
                        run(database, command, "--savepoint", path, "--set", wrong),
                        Program.USAGE,
                        "INVALID_SETTINGS: " + wrong.split("=", 2)[0] + ": ");
            }
            assertRefused(run(database, command), Program.USAGE, "either --savepoint or");
        }
        String[] days = {
            "build", "--savepoint", path, "--from", "2026-11-20", "--to", "2026-11-19"
        };
        assertRefused(run(database, days), Program.USAGE, "--to is before --from");
        assertUnchanged(database);
    }

    /** Before anything is asked: no server of these settings answers. */
    @Test
    void refusesOptionsThatCanNotBe() {
        Map.of(
                        "build --from 22.11.2026",
                        "Invalid value for option '--from': a day is such as 2026-11-22, not",
                        "diff --examples -1",
                        "--examples must be from 0 to 1000000, not -1",
                        "switch --wait -1",
                        "--wait must be from 0 to 86400, not -1",
                        "undo --job xyz",
                        "Invalid value for option '--job': Flink's ids of jobs have 32 digits",
                        "drop --jobmanager nonsense",
                        "Invalid value for option '--jobmanager': it must be HOST:PORT, not",
                        "diff --set session.gap",
                        "Value for option '--set' ")
                .forEach(
                        (command, message) ->
                                assertRefused(
                                        run(new TestDatabase(AWAY), command.split(" ")),
                                        Program.USAGE,
                                        message));
    }

    @Test
    void refusesWhereADatabaseOrClusterIsAway(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        String path = savepoint.toString();
        for (String[] command :
                List.of(
                        new String[] {"plan", "--savepoint", path},
                        new String[] {"build", "--savepoint", path},
                        new String[] {"diff"})) {
            assertRefused(
                    run(new TestDatabase(AWAY), command), Program.AWAY, "Failed: DATABASE_AWAY: ");
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

    /** What the archive holds of it stays out; and the same build is over then. */
    @Test
    void leavesOutWhatRetentionRemoved(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "tenant-1", "tenant-2");
        database.execute(
                """
                INSERT INTO raw.site_tracking_kept_r
                SELECT tenant_hk, 'events', '2100-01-01', '2100-01-01', now(), 0, 1, now(), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'tenant-1'""");

        ReprocessRun build =
                build(database, "--no-raw", "--tenant", "tenant-2", "--tenant", "tenant-1");

        assertThat(build.errors()).isEmpty();
        assertThat(build.output())
                .containsPattern(
                        "left out: 0 events of tenants not registered, [1-9]\\d* that retention"
                                + " removed, 0 unreadable");
        assertThat(database.texts(SHADOW_TENANTS)).containsExactly("tenant-2");
        List<String> before = database.texts(RUNS);
        String[] both = {"--tenant", "tenant-1", "--tenant", "tenant-2", "--no-raw"};
        assertThat(build(database, both).errors()).isEmpty();
        Path config = Files.writeString(folder.resolve("job.properties"), "session.gap=20min");
        for (String[] other :
                List.of(
                        Arrays.copyOf(both, both.length - 1),
                        new String[] {
                            "--tenant",
                            "tenant-1",
                            "--tenant",
                            "tenant-2",
                            "--no-raw",
                            "--config",
                            "" + config
                        })) {
            assertRefused(build(database, other), Program.FAILED, "Failed: SHADOW_EXISTS: ");
        }
        assertThat(database.texts(RUNS)).isEqualTo(before);
    }

    private ReprocessRun build(TestDatabase database, String... more) {
        Map<String, String> settings = settings(database);
        settings.put("privacy.secret", SECRET);
        String[] command =
                Stream.concat(
                                Stream.of("build", "--no-follow", "--savepoint", "" + savepoint),
                                Stream.of(more))
                        .toArray(String[]::new);
        return ReprocessRun.of(settings, command);
    }

    /** Or else it would call equal what was never compared. */
    @Test
    void tellsNothingOfAShadowThatIsNotBuilt(TestPostgres postgres) throws Exception {
        TestDatabase database =
                LoadedVault.of(postgres, List.of(TestEvents.event("e1").enriched()));
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }

        for (String state : List.of("BUILDING", "BUILT")) {
            database.execute(
                    "SELECT raw.site_tracking_reprocess_note('{\"state\": \"%s\"}')"
                            .formatted(state));
            assertRefused(run(database, "diff"), Program.FAILED, "Failed: NOT_BUILT: ");
        }
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
        return ReprocessRun.of(settings(database), command);
    }

    private static Map<String, String> settings(TestDatabase database) {
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap-servers", "127.0.0.1:1");
        settings.put("kafka.topic", "kept");
        settings.put("database.url", database.url());
        settings.put("database.user", "postgres");
        settings.put("privacy.secret", "${env:NONE}");
        return settings;
    }

    private static void halve(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }
}
