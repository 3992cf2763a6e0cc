package io.onevault.tracking.local;

import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures a build out of the archive against the streaming job over the same events, on one
 * machine: {@code mvn test-compile exec:java@bench
 * -Dbench.mainClass=io.onevault.tracking.local.ReprocessBench -Dexec.args=5000000}. The build runs
 * in a process of the size of a 1 GiB task manager, of which it tells the peak of what is resident.
 */
public final class ReprocessBench {

    private static final int EVENTS = 5_000_000;
    private static final int EVENTS_PER_SECOND = 50;
    private static final int POLL_MILLIS = 500;
    private static final String PEAK = "VmHWM:";

    /** Beside the heap there are RocksDB, network buffers, classes and stacks. */
    private static final String HEAP = "-Xmx448m";

    private final int events;
    private final DataDirectory directory;

    private ReprocessBench(int events, DataDirectory directory) {
        this.events = events;
        this.directory = directory;
    }

    public static void main(String[] args) throws Exception {
        int events = args.length == 0 ? EVENTS : Integer.parseInt(args[0]);
        try (DataDirectory directory = DataDirectory.temporary()) {
            new ReprocessBench(events, directory).measure();
        }
    }

    private void measure() throws Exception {
        int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
        try (EmbeddedPostgres postgres =
                        EmbeddedPostgres.start(directory.postgres(), directory.binaries(), port);
                JobRuns runs = new JobRuns(directory.path().resolve("runs"))) {
            TestDatabase database = new TestDatabase(postgres.jdbcUrl() + "?user=postgres");
            database.migrate();
            EventGenerator generator = generator();
            for (int i = 0; i < EventGenerator.Mix.standard().catalogue().tenants(); i++) {
                VaultRows.register(database, EventGenerator.tenant(i));
            }
            JobRuns.Input input = runs.topic(() -> generator.next().value(), events);
            long began = System.nanoTime();
            runs.runOnce("live", input, database);
            tell("streaming job", began);
            build(runs.settings("reprocess", database));
        }
    }

    /** Of the days before today. */
    private EventGenerator generator() {
        Instant start =
                Instant.now()
                        .truncatedTo(ChronoUnit.DAYS)
                        .minus(Duration.ofSeconds(events / EVENTS_PER_SECOND));
        return new EventGenerator(
                EventGenerator.Mix.standard()
                        .withPace(
                                new EventGenerator.Pace(
                                        start, EVENTS_PER_SECOND, 10 * EVENTS_PER_SECOND)),
                1);
    }

    private void build(Map<String, String> settings) throws Exception {
        Path live = directory.path().resolve("runs").resolve("live");
        Path savepoint = new ResumePoints(live).newest().orElseThrow();
        List<String> command =
                ChildProcess.java(
                        List.of(HEAP, "--add-opens=java.base/java.util=ALL-UNNAMED"),
                        classpath(),
                        "io.onevault.tracking.reprocess.Reprocess");
        command.addAll(List.of("build", "--no-raw", "--savepoint", savepoint.toString()));
        List<String> set = new ArrayList<>();
        settings.forEach((key, value) -> set.addAll(List.of("--set", key + "=" + value)));
        command.addAll(set);
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command).inheritIO().start();
        String peak = "";
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            peak = peak(process.pid(), peak);
        }
        tell("build, exit code " + process.exitValue() + ", peak " + peak, began);
    }

    /** Maven runs this by a class loader of its own. */
    private static String classpath() throws URISyntaxException {
        if (!(ReprocessBench.class.getClassLoader() instanceof URLClassLoader maven)) {
            return System.getProperty("java.class.path");
        }
        List<String> entries = new ArrayList<>();
        for (URL url : maven.getURLs()) {
            entries.add(Path.of(url.toURI()).toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static String peak(long pid, String before) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .map(line -> line.substring(PEAK.length()).strip())
                    .findFirst()
                    .orElse(before);
        } catch (IOException | UncheckedIOException ended) {
            return before;
        }
    }

    private void tell(String what, long began) {
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%s: %,d events in %,.0f s, %,.0f events/s%n",
                what,
                events,
                seconds,
                events / seconds);
    }
}
