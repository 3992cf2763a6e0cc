package io.onevault.tracking.local;

import io.onevault.tracking.job.JobSettings;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs the real job from a real broker into a real database, to the end of its input. */
final class JobRuns implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String REJECTED_TOPIC = "rejected";

    private final Path folder;
    private final DataDirectory directory;
    private final EmbeddedKafka kafka;
    private int runs;

    JobRuns(Path folder) throws Exception {
        this.folder = folder;
        this.directory = DataDirectory.temporary();
        this.kafka = EmbeddedKafka.start(folder.resolve("kafka"), Ports.find(directory, Map.of()));
        kafka.createTopic(REJECTED_TOPIC, 1);
    }

    /** Where and how a run reads. */
    record Input(String topic, int partitions, int parallelism) {}

    /** Puts lines into a new topic, in order. */
    Input topic(List<byte[]> lines, int partitions, int parallelism) throws Exception {
        runs++;
        Input input = new Input("events-" + runs, partitions, parallelism);
        kafka.createTopic(input.topic(), partitions);
        append(input, lines);
        return input;
    }

    Input topic(List<byte[]> lines) throws Exception {
        return topic(lines, 2, 2);
    }

    void append(Input input, List<byte[]> lines) throws IOException {
        try (TrackerProducer producer =
                new TrackerProducer(kafka.bootstrapServers(), input.topic())) {
            for (byte[] line : lines) {
                producer.send(line, RecordKey.of(line).bytes());
            }
            producer.flush();
        }
    }

    /**
     * Runs the job over all of the topic, closes every session, and stops it with a savepoint.
     *
     * @param name runs of the same name continue each other's state
     */
    void run(String name, Input input, TestDatabase database, Map<String, String> settings)
            throws Exception {
        run(name, input, database, settings, job -> drain(name, job, input, database));
    }

    /** What happens while the job runs. */
    interface While {
        void act(RunningJob job) throws Exception;
    }

    /** Runs the job meanwhile, and stops it with a savepoint. */
    void run(
            String name,
            Input input,
            TestDatabase database,
            Map<String, String> settings,
            While meanwhile)
            throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put("kafka.bootstrap-servers", kafka.bootstrapServers());
        all.put("kafka.topic", input.topic());
        all.put("kafka.rejected-topic", REJECTED_TOPIC);
        all.put("kafka.group-id", name);
        all.put("database.url", database.url());
        all.put("database.user", "postgres");
        all.put("privacy.secret", "00".repeat(32));
        all.put("privacy.salts", "DERIVED");
        all.putAll(settings);
        JobSettings job = JobSettings.of(all);
        Map<String, String> flinkOptions =
                Map.of(
                        "parallelism.default",
                        Integer.toString(input.parallelism()),
                        "execution.checkpointing.interval",
                        "500 ms");
        try (FlinkCluster flink = FlinkCluster.start(folder.resolve(name), 0, flinkOptions)) {
            RunningJob running = flink.submit(name, env -> SiteTrackingJob.define(env, job));
            meanwhile.act(running);
            running.stop();
        }
    }

    private void drain(String group, RunningJob running, Input input, TestDatabase database)
            throws Exception {
        try (Offsets offsets =
                new Offsets(kafka.admin(), group, input.topic(), input.partitions())) {
            awaitEnds(running, offsets, input);
            tick(input, lastEvent(database) + Duration.ofMinutes(31).toMillis());
            awaitEnds(running, offsets, input);
        }
    }

    /** Waits for what the topic holds now; ticks without effect have the source commit it. */
    private void awaitEnds(RunningJob job, Offsets offsets, Input input) throws Exception {
        var ends = offsets.ends();
        await(
                () -> {
                    job.requireAlive();
                    boolean reached = offsets.lag(ends) == 0;
                    if (!reached) {
                        tick(input, 0);
                    }
                    return reached;
                });
    }

    private static long lastEvent(TestDatabase database) throws Exception {
        return database.number(
                "SELECT coalesce(extract(epoch FROM max(event_timestamp)) * 1000, 0)::bigint"
                        + " FROM business.site_event_h");
    }

    /** Tells that no event before the given instant is missing. */
    private void tick(Input input, long epochMillis) throws IOException {
        try (TrackerProducer producer =
                new TrackerProducer(kafka.bootstrapServers(), input.topic())) {
            producer.tick(epochMillis);
        }
    }

    static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
    }

    static byte[] utf8(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** The values of all records of the rejected topic. */
    List<byte[]> rejected() throws ExecutionException, InterruptedException {
        return TopicReader.values(kafka.bootstrapServers(), REJECTED_TOPIC);
    }

    @Override
    public void close() throws IOException {
        kafka.close();
        directory.close();
    }
}
