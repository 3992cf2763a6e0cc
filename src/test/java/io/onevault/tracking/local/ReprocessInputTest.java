package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
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
        Path other = Files.createDirectories(folder.resolve("other"));
        try (var out = new DataOutputStream(Files.newOutputStream(other.resolve(METADATA)))) {
            Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(1, List.of(operator), List.of()), out);
        }

        refuses("SAVEPOINT_OF_ANOTHER_JOB", other, postgres);
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

            assertThat(run.exitCode()).isEqualTo(Program.FAILED);
            assertThat(run.errors()).hasSize(1).first().asString().startsWith("Failed: " + code);
        }
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_reprocess_r")).isZero();
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
