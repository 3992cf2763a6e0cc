package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.generator.EventGenerator.Faults;
import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import io.onevault.tracking.generator.EventGenerator.Mix;
import io.onevault.tracking.generator.EventGenerator.Pace;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The job goes on from the savepoints of all versions, kept in src/test/resources/savepoints, as if
 * it had never been another. {@code mvn test -Dtest=SavepointCompatibilityITCase
 * -Dsavepoint.write=<version>} has the present version leave one.
 */
@ExtendWith(PostgresExtension.class)
class SavepointCompatibilityITCase {

    private static final Path KEPT = Path.of("src", "test", "resources", "savepoints");
    private static final String SUFFIX = ".zip";
    private static final String WRITE = "savepoint.write";

    /** Records may be dated back, but not ahead. */
    private static final Instant START = Instant.parse("2024-05-06T06:00:00Z");

    private static final int EVENTS = 400;
    private static final String[] TENANTS = {EventGenerator.tenant(0), EventGenerator.tenant(1)};
    private static final JobRuns.Input INPUT = new JobRuns.Input("kept", 2, 2);

    @TempDir Path folder;

    static Stream<Path> versions() throws IOException {
        List<Path> versions = new ArrayList<>();
        if (Files.isDirectory(KEPT)) {
            try (Stream<Path> files = Files.list(KEPT)) {
                versions.addAll(files.filter(SavepointCompatibilityITCase::isKept).toList());
            }
        }
        String version = System.getProperty(WRITE);
        if (version != null) {
            Path written = KEPT.resolve(version + SUFFIX);
            versions.remove(written);
            versions.add(written);
        }
        return versions.stream();
    }

    private static boolean isKept(Path file) {
        return file.toString().endsWith(SUFFIX);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void goesOnFromTheSavepointOf(Path version, TestPostgres postgres) throws Exception {
        if (version.getFileName().toString().equals(System.getProperty(WRITE) + SUFFIX)) {
            write(version, vault(postgres));
        }
        KeptSavepoint kept = KeptSavepoint.read(version, folder.resolve("kept"));
        TestDatabase resumed = vault(postgres);
        TestDatabase whole = vault(postgres);
        try (JobRuns runs = new JobRuns(folder.resolve("runs"))) {
            DatedTopic topic = new DatedTopic(runs.bootstrapServers(), INPUT, START);
            topic.append(kept.before());
            run(runs, "before", resumed, 2, false);
            resumed.execute("UPDATE raw.site_tracking_ledger_r SET run_id = '" + kept.run() + "'");
            topic.fillTo(kept.ends());
            topic.append(kept.after());

            Path savepoints = Files.createDirectories(folder.resolve("after/savepoints"));
            Files.move(kept.savepoint(), savepoints.resolve("kept"));
            run(runs, "after", resumed, 1, true);
            run(runs, "whole", whole, 2, true);
        }

        assertThat(VaultRows.ledger(resumed))
                .isEqualTo(VaultRows.ledger(whole))
                .containsKeys("ACCEPTED", "DUPLICATE");
        VaultRows.assertSound(resumed);
        VaultRows.assertSame(VaultRows.fingerprint(resumed), VaultRows.fingerprint(whole));
    }

    /**
     * Every option has its default, the time to live too, which the kept ones would not outlive.
     */
    @Test
    void goesOnFromItsOwnSavepointWithDefaults(TestPostgres postgres) throws Exception {
        TestDatabase resumed = vault(postgres);
        TestDatabase whole = vault(postgres);
        Map<String, String> defaults = Map.of();
        List<byte[]> events = recentEvents();
        try (JobRuns runs = new JobRuns(folder.resolve("runs"))) {
            JobRuns.Input input = runs.topic(events.subList(0, EVENTS / 2), 3, 2);
            TopicEnd end = new TopicEnd(runs.bootstrapServers(), input, "resumed");
            runs.run("resumed", input, resumed, defaults, job -> end.await(job::requireAlive));
            runs.append(input, events.subList(EVENTS / 2, events.size()));

            runs.run("resumed", new JobRuns.Input(input.topic(), 3, 1), resumed, defaults);
            VaultCopies.salts(resumed, whole);
            runs.run("whole", input, whole, defaults);
        }

        assertThat(VaultRows.ledger(resumed))
                .isEqualTo(VaultRows.ledger(whole))
                .containsKeys("ACCEPTED", "DUPLICATE");
        VaultRows.assertSound(resumed);
        VaultRows.assertSame(VaultRows.fingerprint(resumed), VaultRows.fingerprint(whole));
    }

    /** Of the last hour, as salts live for two days; every tenth visitor has no cookie. */
    private static List<byte[]> recentEvents() {
        Instant start = Instant.now().minus(Duration.ofHours(1));
        EventGenerator generator = generator(start);
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            events.add(generator.next().value());
            if (i % 10 == 0) {
                events.add(
                        JobRuns.utf8(
                                """
                                {"tenantId":"%s","evt_type":"page_view","client_ip":"198.51.100.%d",\
                                "page_url":"https://shop.example/","event_timestamp":%d}"""
                                        .formatted(
                                                TENANTS[0],
                                                i / 10 % 7,
                                                start.plusSeconds(i).toEpochMilli())));
            }
        }
        return events;
    }

    private void write(Path version, TestDatabase database) throws Exception {
        List<String> lines = lines();
        List<String> before = lines.subList(0, EVENTS / 2);
        List<String> after = lines.subList(EVENTS / 2, EVENTS);
        try (JobRuns runs = new JobRuns(folder.resolve("writing"))) {
            DatedTopic topic = new DatedTopic(runs.bootstrapServers(), INPUT, START);
            topic.append(before);
            Path savepoint = run(runs, "writing", database, 2, false);
            List<String> run =
                    database.texts("SELECT DISTINCT run_id FROM raw.site_tracking_ledger_r");
            assertThat(run).hasSize(1);
            new KeptSavepoint(before, after, topic.ends(), run.get(0), savepoint).write(version);
        }
    }

    /** Sessions and repetitions lie on both sides of the middle. */
    private static List<String> lines() {
        EventGenerator generator = generator(START);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            GeneratedEvent event = generator.next();
            lines.add(text(event.key()) + '\t' + text(event.value()));
        }
        return lines;
    }

    private static EventGenerator generator(Instant start) {
        return new EventGenerator(
                Mix.standard()
                        .withTenants(TENANTS.length)
                        .withFaults(new Faults(0.1, 0.1, 0))
                        .withPace(new Pace(start, 1, 20)),
                1);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static TestDatabase vault(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        return database;
    }

    /**
     * Runs the job over what the topic holds.
     *
     * @param last whether every session is to be closed, or left as it is
     * @return the savepoint with which it stopped
     */
    private Path run(
            JobRuns runs, String name, TestDatabase database, int parallelism, boolean last)
            throws Exception {
        TopicEnd end = new TopicEnd(runs.bootstrapServers(), INPUT, name);
        JobRuns.While meanwhile =
                last
                        ? job -> end.drain(database, job::requireAlive)
                        : job -> end.await(job::requireAlive);
        JobRuns.run(
                folder.resolve(name),
                new JobRuns.Input(INPUT.topic(), INPUT.partitions(), parallelism),
                settings(runs, name, database),
                Map.of("state.backend.type", "rocksdb"),
                meanwhile);
        return new ResumePoints(folder.resolve(name)).newest().orElseThrow();
    }

    private static Map<String, String> settings(JobRuns runs, String group, TestDatabase database) {
        return Map.of(
                "kafka.bootstrap-servers",
                runs.bootstrapServers(),
                "kafka.rejected-topic",
                JobRuns.REJECTED_TOPIC,
                "kafka.group-id",
                group,
                "database.url",
                database.url(),
                "database.user",
                "postgres",
                "privacy.secret",
                TestSecret.reference("00".repeat(32)),
                // Records say themselves when they were appended, the second time as the first
                // time.
                "kafka.create-time",
                "true",
                // Of sessions nothing is published before the savepoint, which another database
                // had.
                "session.early-firing",
                "1 h",
                // State expires by the clock; a kept savepoint is read years later.
                "archive.ttl",
                "36500 d");
    }
}
