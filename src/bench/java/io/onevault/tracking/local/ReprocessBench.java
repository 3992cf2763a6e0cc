package io.onevault.tracking.local;

import io.onevault.tracking.bench.gauge.CpuTimes;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Measures a build out of the archive against the streaming job over the same events, on one
 * machine: {@code MALLOC_ARENA_MAX=2 mvn pre-integration-test exec:java@bench -DskipTests
 * -Dbench.mainClass=io.onevault.tracking.local.ReprocessBench -Dexec.args=5000000}. The streaming
 * job runs in a process that is JobManager, too, the build in a cluster's TaskManager of 1 GiB; of
 * either the peak of what is resident is told, and the CPU time of that process and of PostgreSQL,
 * whose ratio a busy machine blurs less.
 */
public final class ReprocessBench {

    private static final int EVENTS = 5_000_000;
    private static final int EVENTS_PER_SECOND = 50;
    private static final int POLL_MILLIS = 500;
    private static final String PEAK = "VmHWM:";
    private static final String LIVE = "live";

    /** What ends soon has no use for it; this lasts. */
    private static final String COMPILED = "-XX:TieredStopAtLevel=4";

    private static final String JAR = "target/site-tracking.jar";

    /** Beside the heap there are RocksDB, network buffers, classes and stacks. */
    private static final String HEAP = "-Xmx448m";

    /** With what else it holds, 1 GiB is resident then, see docs/performance.md. */
    private static final String BUILD_HEAP = "-Xmx384m";

    /** Beside the state backend as shipped; of four slots the job takes two. */
    private static final Map<String, String> LIVE_OPTIONS =
            Map.of(
                    "restart-strategy.type", "none",
                    "execution.checkpointing.incremental", "true",
                    "execution.checkpointing.interval", "30 s",
                    "taskmanager.memory.managed.size", "256m");

    private final int events;
    private final Path folder;
    private final long postmaster;

    private ReprocessBench(int events, Path folder, long postmaster) {
        this.events = events;
        this.folder = folder;
        this.postmaster = postmaster;
    }

    /** Seconds by the clock and of CPU. */
    private record Took(double seconds, double cpuSeconds) {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals(LIVE)) {
            live(Path.of(args[1]), args[2], List.of(args).subList(3, args.length));
            return;
        }
        int events = args.length == 0 ? EVENTS : Integer.parseInt(args[0]);
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                    EmbeddedPostgres.start(directory.postgres(), directory.binaries(), port)) {
                String postmaster =
                        Files.readAllLines(directory.postgres().resolve("postmaster.pid")).get(0);
                new ReprocessBench(
                                events,
                                directory.path().resolve("runs"),
                                Long.parseLong(postmaster))
                        .measure(postgres);
            }
        }
    }

    private void measure(EmbeddedPostgres postgres) throws Exception {
        try (JobRuns runs = new JobRuns(folder)) {
            TestDatabase database = new TestDatabase(postgres.jdbcUrl() + "?user=postgres");
            database.migrate();
            EventGenerator generator = generator(events);
            for (int i = 0; i < EventGenerator.Mix.standard().catalogue().tenants(); i++) {
                VaultRows.register(database, EventGenerator.tenant(i));
            }
            JobRuns.Input input = runs.topic(() -> generator.next().value(), events);
            Took live = live(input, runs.settings(LIVE, database));
            Took build = build(input.topic(), runs.settings("reprocess", database));
            System.out.printf(
                    Locale.ROOT,
                    "ratio of build to streaming job: %.2f, of CPU time %.2f%n",
                    live.seconds() / build.seconds(),
                    live.cpuSeconds() / build.cpuSeconds());
        }
    }

    /** Of the days before today. */
    static EventGenerator generator(int events) {
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

    private Took live(JobRuns.Input input, Map<String, String> settings) throws Exception {
        List<String> command = java(ReprocessBench.class.getName());
        command.addAll(List.of(LIVE, folder.resolve(LIVE).toString(), input.topic()));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        Process process = new ProcessBuilder(command).inheritIO().start();
        return watch("streaming job", process, process.pid());
    }

    /** In the process of the streaming job. */
    private static void live(Path folder, String topic, List<String> told) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (String setting : told) {
            String[] parts = setting.split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        TestDatabase database = new TestDatabase(settings.get("database.url"));
        JobRuns.Input input = new JobRuns.Input(topic, 2, 2);
        TopicEnd end = new TopicEnd(settings.get("kafka.bootstrap-servers"), input, LIVE);
        JobRuns.run(
                folder,
                input,
                settings,
                liveOptions(),
                job -> end.drain(database, job::requireAlive));
    }

    static Map<String, String> liveOptions() {
        Map<String, String> options = new HashMap<>(LIVE_OPTIONS);
        GlobalConfiguration.loadConfiguration("flink-conf")
                .toMap()
                .forEach(
                        (key, value) -> {
                            if (key.startsWith("state.backend.")) {
                                options.put(key, value);
                            }
                        });
        return options;
    }

    private Took build(String topic, Map<String, String> settings) throws Exception {
        Path savepoint = new ResumePoints(folder.resolve(LIVE)).newest().orElseThrow();
        System.setProperty("flink.lib", Path.of("target", "flink-lib").toAbsolutePath().toString());
        Map<String, String> options =
                Map.of(
                        "env.java.opts.taskmanager",
                        COMPILED + " " + BUILD_HEAP,
                        "taskmanager.memory.task.heap.size",
                        "320m");
        try (StandaloneCluster flink = new StandaloneCluster(folder.resolve("flink"), options)) {
            flink.start(1);
            List<String> command = new ArrayList<>();
            command.addAll(List.of(flink.bin().resolve("flink").toString(), "run"));
            command.addAll(List.of("--jobmanager", flink.address(), "--parallelism", "2"));
            command.addAll(List.of("--class", "io.onevault.tracking.reprocess.Reprocess", JAR));
            command.addAll(List.of("build", "--no-raw", "--no-follow", "--user", "postgres"));
            command.addAll(List.of("--savepoint", savepoint.toString()));
            command.addAll(List.of("--set", "kafka.topic=" + topic));
            settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
            Process process = new ProcessBuilder(command).inheritIO().start();
            return watch("build", process, flink.pid(flink.taskManagers().get(0)));
        }
    }

    /** Watches a process to its end and tells what it took. */
    private Took watch(String what, Process process, long measured) throws Exception {
        long began = System.nanoTime();
        long postgres = CpuTimes.read(postmaster).postgres();
        Duration cpu = Duration.ZERO;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        String peak = "";
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            peak = peak(measured, peak);
            cpu = ProcessHandle.of(measured).flatMap(p -> p.info().totalCpuDuration()).orElse(cpu);
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(what + " ended with " + process.exitValue());
        }
        Took took =
                new Took(
                        (System.nanoTime() - began) / 1e9,
                        (CpuTimes.read(postmaster).postgres() - postgres + cpu.toNanos()) / 1e9);
        System.out.printf(
                Locale.ROOT,
                "%s: %,d events in %,.0f s, %,.0f events/s, %.0f µs of CPU an event, peak %s%n",
                what,
                events,
                took.seconds(),
                events / took.seconds(),
                took.cpuSeconds() * 1e6 / events,
                peak);
        return took;
    }

    private static List<String> java(String main) throws URISyntaxException {
        List<String> options =
                List.of(HEAP, COMPILED, "--add-opens=java.base/java.util=ALL-UNNAMED");
        return ChildProcess.java(options, classpath(), main);
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
}
