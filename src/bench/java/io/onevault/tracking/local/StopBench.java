package io.onevault.tracking.local;

import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures how long a job takes to be stopped with a savepoint and to run again from it, by how
 * many events it has archived: {@code mvn test-compile exec:java@bench
 * -Dbench.mainClass=io.onevault.tracking.local.StopBench -Dexec.args="500000 2"}, events and how
 * often so many. The state backend is as shipped.
 */
public final class StopBench {

    private static final String GROUP = "stopped";
    private static final int CHUNK = 10_000;
    private static final long MEGABYTE = 1 << 20;

    private final Path folder;
    private final JobRuns runs;
    private final TestDatabase database;

    private StopBench(Path folder, JobRuns runs, TestDatabase database) {
        this.folder = folder;
        this.runs = runs;
        this.database = database;
    }

    public static void main(String[] args) throws Exception {
        int events = Integer.parseInt(args[0]);
        int times = Integer.parseInt(args[1]);
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            Path folder = directory.path().resolve("runs");
            try (EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(), directory.binaries(), port);
                    JobRuns runs = new JobRuns(folder)) {
                TestDatabase database = new TestDatabase(postgres.jdbcUrl() + "?user=postgres");
                database.migrate();
                new StopBench(folder.resolve("flink"), runs, database).measure(events, times);
            }
        }
    }

    private void measure(int events, int times) throws Exception {
        EventGenerator generator = ReprocessBench.generator(events * times);
        for (int i = 0; i < EventGenerator.Mix.standard().catalogue().tenants(); i++) {
            VaultRows.register(database, EventGenerator.tenant(i));
        }
        JobRuns.Input input = runs.topic(List.of(), 2, 2);
        Map<String, String> settings = new HashMap<>(runs.settings(GROUP, database));
        settings.put("kafka.topic", input.topic());
        JobSettings job = JobSettings.of(settings);
        TopicEnd end = new TopicEnd(runs.bootstrapServers(), input, GROUP);
        Map<String, String> options = ReprocessBench.liveOptions();
        options.put("parallelism.default", "2");
        try (FlinkCluster flink = FlinkCluster.start(folder, 0, options)) {
            RunningJob running = start(flink, job);
            for (int time = 1; time <= times; time++) {
                for (int sent = 0; sent < events; sent += CHUNK) {
                    List<byte[]> lines = new ArrayList<>(CHUNK);
                    for (int i = 0; i < CHUNK; i++) {
                        lines.add(generator.next().value());
                    }
                    runs.append(input, lines);
                }
                end.await(running::requireAlive);
                for (String format : List.of("NATIVE", "CANONICAL")) {
                    running = stopAndStart(flink, job, running, format, time * events);
                }
            }
            running.stop();
        }
    }

    private static RunningJob start(FlinkCluster flink, JobSettings job) throws Exception {
        RunningJob running =
                flink.submit(SiteTrackingJob.NAME, env -> SiteTrackingJob.define(env, job));
        while (!running.runs() || running.runningTasks() == 0) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return running;
    }

    private static RunningJob stopAndStart(
            FlinkCluster flink, JobSettings job, RunningJob running, String format, int events)
            throws Exception {
        long began = System.nanoTime();
        FlinkRest rest = new FlinkRest(flink.webUi().replaceFirst("http://", ""));
        String savepoint = rest.stop(running.graph().getJobID().toHexString(), format);
        long stopped = System.nanoTime();
        RunningJob again = start(flink, job);
        System.out.printf(
                Locale.ROOT,
                "%,d events, %s: stopped in %.1f s, %,d MB, runs again %.1f s later%n",
                events,
                format,
                (stopped - began) / 1e9,
                bytes(Path.of(URI.create(savepoint))) / MEGABYTE,
                (System.nanoTime() - stopped) / 1e9);
        return again;
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toFile).mapToLong(java.io.File::length).sum();
        }
    }
}
