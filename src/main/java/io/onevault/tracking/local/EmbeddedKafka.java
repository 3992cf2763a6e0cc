package io.onevault.tracking.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker, its own controller, on 127.0.0.1. A folder that holds a former run's log is
 * continued.
 */
public final class EmbeddedKafka implements AutoCloseable {

    /** Longest record in bytes that the broker takes, keys and headers included. */
    static final int MAX_RECORD_BYTES = 4 * 1024 * 1024;

    /** A rejected event carries the original bytes and its headers. */
    private static final int MAX_REJECTED_BYTES = 2 * MAX_RECORD_BYTES;

    private static final int NODE = 1;
    private static final short ONE_REPLICA = 1;
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    /**
     * How long the controller believes in a broker that it does not hear of. A busy machine may
     * keep the only broker from telling itself that it is alive; but after a kill the new broker
     * must wait until the killed one is given up.
     */
    private static final int SESSION_MILLIS = 180_000;

    private static final int SESSION_MILLIS_AFTER_KILL = 9_000;
    private static final int REGISTRATION_MILLIS = 120_000;

    private final KafkaRaftServer server;
    private final Path running;
    private final String bootstrapServers;

    private EmbeddedKafka(KafkaRaftServer server, Path running, String bootstrapServers) {
        this.server = server;
        this.running = running;
        this.bootstrapServers = bootstrapServers;
    }

    public static EmbeddedKafka start(Path folder, Ports ports) throws Exception {
        return start(folder, ports, Map.of());
    }

    /**
     * Starts a broker that differs from the usual one.
     *
     * @param more settings that beat the usual ones
     */
    public static EmbeddedKafka start(Path folder, Ports ports, Map<String, String> more)
            throws Exception {
        Files.createDirectories(folder);
        format(folder);
        Map<String, Object> settings = settings(folder, ports);
        Path running = folder.resolveSibling(folder.getFileName() + ".running");
        boolean killed = Files.exists(running);
        settings.put(
                "broker.session.timeout.ms", killed ? SESSION_MILLIS_AFTER_KILL : SESSION_MILLIS);
        settings.put("initial.broker.registration.timeout.ms", REGISTRATION_MILLIS);
        settings.putAll(more);
        KafkaRaftServer server =
                new KafkaRaftServer(
                        KafkaConfig.fromProps(asProperties(settings), false), Time.SYSTEM);
        if (!killed) {
            Files.createFile(running);
        }
        server.startup();
        return new EmbeddedKafka(server, running, ports.address(Endpoint.KAFKA));
    }

    private static void format(Path folder) throws Exception {
        if (Files.exists(folder.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(NODE)
                .setControllerListenerName(CONTROLLER_LISTENER)
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .run();
    }

    private static Map<String, Object> settings(Path folder, Ports ports) {
        Map<String, Object> settings = new HashMap<>(smallFootprint());
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", NODE);
        settings.put(
                "listeners",
                "BROKER://"
                        + ports.address(Endpoint.KAFKA)
                        + ",CONTROLLER://"
                        + ports.address(Endpoint.CONTROLLER));
        settings.put("advertised.listeners", "BROKER://" + ports.address(Endpoint.KAFKA));
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        // Static voters: the port may differ in the next run, a dynamic quorum would store it.
        settings.put("controller.quorum.voters", NODE + "@" + ports.address(Endpoint.CONTROLLER));
        settings.put("log.dirs", folder.toString());
        settings.put("message.max.bytes", MAX_REJECTED_BYTES);
        settings.put("auto.create.topics.enable", false);
        // A data directory may lie idle for long; its consumer group must know where it was.
        settings.put("offsets.retention.minutes", Integer.MAX_VALUE);
        return settings;
    }

    private static Map<String, Object> smallFootprint() {
        Map<String, Object> settings = new HashMap<>();
        for (String topic :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            settings.put(topic + ".num.partitions", 1);
            settings.put(topic + ".replication.factor", ONE_REPLICA);
        }
        settings.put("transaction.state.log.min.isr", 1);
        settings.put("share.coordinator.state.topic.min.isr", 1);
        settings.put("group.initial.rebalance.delay.ms", 0);
        settings.put("num.network.threads", 2);
        settings.put("num.io.threads", 4);
        settings.put("background.threads", 2);
        settings.put("log.cleaner.dedupe.buffer.size", 2 * 1024 * 1024);
        return settings;
    }

    private static Properties asProperties(Map<String, Object> settings) {
        Properties properties = new Properties();
        settings.forEach((key, value) -> properties.setProperty(key, value.toString()));
        return properties;
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /**
     * Creates a topic that keeps its records and stamps them on arrival.
     *
     * @return how many partitions it has, which for an existing topic may be another number
     */
    public int createTopic(String name, int partitions)
            throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            return createTopic(admin, name, partitions);
        }
    }

    public static int createTopic(Admin admin, String name, int partitions)
            throws ExecutionException, InterruptedException {
        NewTopic topic =
                new NewTopic(name, partitions, ONE_REPLICA)
                        .configs(
                                Map.of(
                                        "message.timestamp.type",
                                        "LogAppendTime",
                                        "retention.ms",
                                        "-1"));
        try {
            return admin.createTopics(List.of(topic)).numPartitions(name).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return partitions(admin, name);
            }
            throw e;
        }
    }

    private static int partitions(Admin admin, String topic)
            throws ExecutionException, InterruptedException {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }

    @Override
    public void close() throws IOException {
        server.shutdown();
        server.awaitShutdown();
        Files.deleteIfExists(running);
    }
}
