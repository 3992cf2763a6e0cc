package io.onevault.tracking.local;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Secrets;
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
import java.util.function.Supplier;

/** Runs the real job from a real broker into a real database, to the end of its input. */
final class JobRuns implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(Integer.getInteger("wait.minutes", 3));
    private static final int POLL_MILLIS = 300;

    static final String REJECTED_TOPIC = "rejected";
    static final String SECRET = "00".repeat(32);

    /** What stands for a client's session id in what these runs wrote. */
    static String sessionId(String tenantBk, String sessionId) {
        String secret = new Secrets(TestSecret.reference(SECRET)).ofTenant(tenantBk);
        return Pseudonyms.sessionId(secret, sessionId, false);
    }

    /** Settings for the sample, which is of the past: its random salts would be gone. */
    static final Map<String, String> OF_THE_PAST = Map.of("privacy.salts", "DERIVED");

    private final Path folder;
    private final DataDirectory directory;
    private final EmbeddedKafka kafka;
    private int topics;

    JobRuns(Path folder) throws Exception {
        this.folder = folder;
        this.directory = DataDirectory.temporary();
        this.kafka = EmbeddedKafka.start(folder.resolve("kafka"), Ports.find(directory, Map.of()));
        kafka.createTopic(REJECTED_TOPIC, 1);
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Where and how a run reads. */
    record Input(String topic, int partitions, int parallelism) {}

    /** Puts lines into a new topic, in order. */
    Input topic(List<byte[]> lines, int partitions, int parallelism) throws Exception {
        topics++;
        Input input = new Input("events-" + topics, partitions, parallelism);
        kafka.createTopic(input.topic(), partitions);
        append(input, lines);
        return input;
    }

    /** Puts so many lines into a new topic, without holding all of them. */
    Input topic(Supplier<byte[]> lines, int count) throws Exception {
        Input input = topic(List.of(), 2, 2);
        try (TrackerProducer producer =
                new TrackerProducer(kafka.bootstrapServers(), input.topic())) {
            for (int i = 0; i < count; i++) {
                byte[] line = lines.get();
                producer.send(line, RecordKey.of(line).bytes());
            }
            producer.flush();
        }
        return input;
    }

    Input topic(List<byte[]> lines) throws Exception {
        return topic(lines, 2, 2);
    }

    void append(Input input, List<byte[]> lines) throws IOException {
        send(kafka.bootstrapServers(), input, lines);
    }

    static void send(String bootstrapServers, Input input, List<byte[]> lines) throws IOException {
        try (TrackerProducer producer = new TrackerProducer(bootstrapServers, input.topic())) {
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
        Map<String, String> all = new HashMap<>(settings(name, database));
        all.putAll(settings);
        run(folder.resolve(name), input, all, Map.of(), meanwhile);
    }

    /**
     * Runs the job as the other does, but a job that fails once has failed for good, and state may
     * be larger than memory.
     */
    void runOnce(String name, Input input, TestDatabase database) throws Exception {
        run(
                folder.resolve(name),
                input,
                settings(name, database),
                Map.of("restart-strategy.type", "none", "state.backend.type", "rocksdb"),
                job -> drain(name, job, input, database));
    }

    Map<String, String> settings(String group, TestDatabase database) {
        return Map.of(
                "kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "kafka.group-id",
                group,
                "kafka.rejected-topic",
                REJECTED_TOPIC,
                "database.url",
                database.url(),
                "database.user",
                "postgres",
                "privacy.secret",
                TestSecret.reference(SECRET));
    }

    /**
     * The same with any broker and database.
     *
     * @param folder where the run leaves its savepoint, from which the next one goes on
     * @param settings all that the job needs but the topic
     * @param flinkSettings options of Flink beyond the local stack's own
     */
    static void run(
            Path folder,
            Input input,
            Map<String, String> settings,
            Map<String, String> flinkSettings,
            While meanwhile)
            throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("kafka.topic", input.topic());
        JobSettings job = JobSettings.of(all);
        Map<String, String> flinkOptions = new HashMap<>();
        flinkOptions.put("parallelism.default", Integer.toString(input.parallelism()));
        flinkOptions.put("execution.checkpointing.interval", "500 ms");
        flinkOptions.putAll(flinkSettings);
        try (FlinkCluster flink = FlinkCluster.start(folder, 0, flinkOptions)) {
            RunningJob running =
                    flink.submit(
                            settings.get("kafka.group-id"),
                            env -> SiteTrackingJob.define(env, job));
            meanwhile.act(running);
            running.stop();
        }
    }

    private void drain(String group, RunningJob running, Input input, TestDatabase database)
            throws Exception {
        new TopicEnd(kafka.bootstrapServers(), input, group).drain(database, running::requireAlive);
    }

    /** Waits for what takes the same time however much there is. */
    static void await(Callable<Boolean> condition) throws Exception {
        await(condition, () -> "what was waited for");
    }

    /**
     * Waits for as long as anything moves.
     *
     * @param state what moves meanwhile, such as a number that falls
     */
    static void await(Callable<Boolean> condition, Callable<Object> state) throws Exception {
        Patience patience = new Patience(LIMIT, new Progress(System.err, false));
        while (!condition.call()) {
            Object now = state.call();
            patience.check(now, () -> "Waiting for " + now);
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    static byte[] utf8(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** How many records the rejected topic has. */
    long rejectedCount() throws ExecutionException, InterruptedException {
        try (Offsets offsets = new Offsets(kafka.admin(), "none", REJECTED_TOPIC, 1)) {
            return offsets.ends().values().iterator().next();
        }
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
