package io.onevault.tracking.local;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/** A Flink cluster in this JVM, with its web UI; its state lies in one folder. */
public final class FlinkCluster implements AutoCloseable {

    private static final Duration STOP_WAIT = Duration.ofSeconds(60);

    /** A reprocess runs beside the job. */
    private static final int JOBS = 2;

    private final MiniCluster cluster;
    private final Configuration configuration;
    private final ResumePoints resumePoints;
    private final Path emptyClasspath;
    private final URI webUi;

    private FlinkCluster(MiniCluster cluster, Configuration configuration, Path folder)
            throws Exception {
        this.cluster = cluster;
        this.configuration = configuration;
        this.resumePoints = new ResumePoints(folder);
        this.emptyClasspath = Files.createDirectories(folder.resolve("tmp").resolve("classpath"));
        this.webUi = cluster.getRestAddress().get();
    }

    /**
     * Starts the cluster without a job.
     *
     * @param options Flink options by which to differ from the local stack's own
     */
    public static FlinkCluster start(Path folder, int webPort, Map<String, String> options)
            throws Exception {
        Path temporary = folder.resolve("tmp");
        DataDirectory.delete(temporary);
        Files.createDirectories(temporary);
        Map<String, String> all = defaults(folder, webPort);
        all.put("io.tmp.dirs", temporary.toString());
        all.putAll(options);
        Configuration configuration = Configuration.fromMap(all);
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(
                                        JOBS * configuration.get(CoreOptions.DEFAULT_PARALLELISM))
                                .build());
        cluster.start();
        return new FlinkCluster(cluster, configuration, folder);
    }

    private static Map<String, String> defaults(Path folder, int webPort) {
        ResumePoints points = new ResumePoints(folder);
        Map<String, String> defaults = new HashMap<>();
        defaults.put("rest.address", "127.0.0.1");
        defaults.put("rest.bind-address", "127.0.0.1");
        defaults.put("rest.port", Integer.toString(webPort));
        defaults.put("rest.bind-port", Integer.toString(webPort));
        defaults.put("web.submit.enable", "false");
        defaults.put("state.backend.type", "hashmap");
        defaults.put("execution.checkpointing.interval", "2 s");
        defaults.put("execution.checkpointing.tolerable-failed-checkpoints", "3");
        defaults.put("execution.checkpointing.dir", points.checkpoints().toUri().toString());
        defaults.put(
                "execution.checkpointing.savepoint-dir", points.savepoints().toUri().toString());
        // What a killed or cancelled run leaves is where the next one goes on.
        defaults.put(
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION");
        defaults.put("classloader.resolve-order", "parent-first");
        defaults.put("classloader.check-leaked-classloader", "false");
        // Gives up after about a minute, so that --drain fails instead of waiting for ever.
        defaults.put("restart-strategy.type", "exponential-delay");
        defaults.put("restart-strategy.exponential-delay.initial-backoff", "1 s");
        defaults.put("restart-strategy.exponential-delay.max-backoff", "10 s");
        defaults.put("restart-strategy.exponential-delay.attempts-before-reset-backoff", "10");
        // Two busy cores must not look like a dead cluster.
        defaults.put("pekko.ask.timeout", "60 s");
        defaults.put("heartbeat.timeout", "180 s");
        return defaults;
    }

    public String webUi() {
        return webUi.toString();
    }

    /** Submits the job that the definition draws, resumed from where the last run ended. */
    public RunningJob submit(String name, Consumer<StreamExecutionEnvironment> definition)
            throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        definition.accept(environment);
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(name);
        Optional<Path> resume = resumePoints.newest();
        if (resume.isPresent()) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(resume.get().toUri().toString()));
        }
        JobGraph jobGraph = graph.getJobGraph(FlinkCluster.class.getClassLoader());
        // Without any path Flink loads the job by the system's class loader, which knows only Maven
        // when Maven runs us; with one, even an empty one, by the loader of Flink itself.
        jobGraph.setClasspaths(List.of(emptyClasspath.toUri().toURL()));
        cluster.submitJob(jobGraph).get();
        return new RunningJob(cluster, jobGraph, resumePoints);
    }

    /** Stops the cluster; a job that still runs stays resumable from its last checkpoint. */
    @Override
    public void close() throws IOException {
        RunningJob.answer(cluster.closeAsync(), STOP_WAIT);
    }
}
