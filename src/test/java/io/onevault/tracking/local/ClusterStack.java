package io.onevault.tracking.local;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;

/** Broker, database and Flink cluster, each in processes of its own, and the packaged job. */
final class ClusterStack implements AutoCloseable {

    private final Path folder;
    private final KafkaProcess kafka;
    private final PostgresServer postgres;
    private final StandaloneCluster flink;

    private ClusterStack(Path folder, Map<String, String> flinkOptions) throws Exception {
        this.folder = Files.createDirectories(folder);
        try (DataDirectory directory = DataDirectory.temporary()) {
            kafka = new KafkaProcess(folder.resolve("kafka"), Ports.find(directory, Map.of()));
        }
        postgres = new PostgresServer(folder.resolve("postgres"));
        flink = new StandaloneCluster(folder.resolve("flink"), flinkOptions);
    }

    static ClusterStack start(Path folder, Map<String, String> flinkOptions) throws Exception {
        ClusterStack stack = new ClusterStack(folder, flinkOptions);
        try {
            stack.flink.start(2);
            return stack;
        } catch (Exception | AssertionError e) {
            stack.close();
            throw e;
        }
    }

    KafkaProcess kafka() {
        return kafka;
    }

    PostgresServer postgres() {
        return postgres;
    }

    StandaloneCluster flink() {
        return flink;
    }

    static Path jar() {
        return Path.of(System.getProperty("job.jar"));
    }

    void topic(String name, int partitions) throws Exception {
        try (Admin admin = kafka.admin()) {
            EmbeddedKafka.createTopic(admin, name, partitions);
        }
    }

    /**
     * A configuration file of the job, as a user would write it. Its name is the group's, and so is
     * that of its rejected topic.
     */
    Path jobFile(String group, String topic, TestDatabase database) throws Exception {
        String rejected = group + "-rejected";
        topic(rejected, 1);
        Properties job = new Properties();
        job.setProperty("kafka.bootstrap-servers", kafka.bootstrapServers());
        job.setProperty("kafka.topic", topic);
        job.setProperty("kafka.rejected-topic", rejected);
        job.setProperty("kafka.group-id", group);
        job.setProperty("database.url", database.url());
        job.setProperty("database.user", EmbeddedPostgres.USER);
        job.setProperty("privacy.secret", TestSecret.reference(JobRuns.SECRET));
        // Kafka's clients find our provider of references by the job's class loader.
        job.setProperty("kafka.property.client.rack", TestSecret.reference("here"));
        Path file = folder.resolve(group + ".properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            job.store(writer, null);
        }
        return file;
    }

    /** Submits the packaged job by the command line and returns its id once every task runs. */
    String submit(Path jobFile, int parallelism, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("run", "--detached", "--jobmanager", flink.address()));
        command.addAll(List.of("--parallelism", Integer.toString(parallelism)));
        command.addAll(List.of(options));
        command.addAll(List.of(jar().toString(), "--config", jobFile.toString()));
        String job = jobId(flink.flink(command.toArray(String[]::new)));
        awaitRunning(job);
        return job;
    }

    static String jobId(String output) throws IOException {
        String before = "Job has been submitted with JobID ";
        int start = output.indexOf(before);
        if (start < 0) {
            throw new IOException("No job was submitted: " + output);
        }
        return output.substring(start + before.length()).lines().findFirst().orElseThrow().strip();
    }

    void awaitRunning(String job) throws Exception {
        JobRuns.await(
                () -> {
                    requireAlive(job);
                    return flink.rest().runs(job);
                });
    }

    /** Brings the job to the end of its topic with every session closed. */
    void drain(String job, JobRuns.Input input, String group, TestDatabase database)
            throws Exception {
        new TopicEnd(kafka.bootstrapServers(), input, group).drain(database, () -> checkpoint(job));
    }

    /** Has a running job complete a checkpoint now, so that nobody waits for the next one. */
    void checkpoint(String job) throws Exception {
        requireAlive(job);
        if (flink.rest().runs(job)) {
            flink.rest().checkpoint(job);
        }
    }

    private void requireAlive(String job) throws IOException, InterruptedException {
        String state = flink.rest().state(job);
        if (state.equals("FAILED") || state.equals("CANCELED") || state.equals("FINISHED")) {
            throw new IOException("The job is " + state);
        }
    }

    @Override
    public void close() throws IOException {
        flink.close();
        postgres.close();
        kafka.close();
    }
}
