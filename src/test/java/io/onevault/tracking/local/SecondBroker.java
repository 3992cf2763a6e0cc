package io.onevault.tracking.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** Another broker of an embedded one's cluster, which may go and come back. */
final class SecondBroker implements AutoCloseable {

    static final int NODE = 2;

    private final Path folder;
    private final Properties settings = new Properties();
    private KafkaRaftServer server;

    /**
     * @param first data folder of the embedded broker, which runs
     */
    SecondBroker(Path folder, Path first, Ports ofFirst) throws Exception {
        this.folder = Files.createDirectories(folder);
        format(clusterOf(first));
        settings.setProperty("process.roles", "broker");
        settings.setProperty("node.id", Integer.toString(NODE));
        String listener = "BROKER://127.0.0.1:" + StandaloneCluster.freePort();
        settings.setProperty("listeners", listener);
        settings.setProperty("advertised.listeners", listener);
        settings.setProperty(
                "listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("inter.broker.listener.name", "BROKER");
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty(
                "controller.quorum.voters", "1@" + ofFirst.address(Endpoint.CONTROLLER));
        settings.setProperty("log.dirs", folder.toString());
        start();
    }

    private static String clusterOf(Path first) throws IOException {
        Properties meta = new Properties();
        try (Reader reader = Files.newBufferedReader(first.resolve("meta.properties"))) {
            meta.load(reader);
        }
        return meta.getProperty("cluster.id");
    }

    private void format(String cluster) throws Exception {
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(cluster)
                .setNodeId(NODE)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(folder.toString())
                .addDirectory(folder.toString())
                .run();
    }

    void start() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    @Override
    public void close() {
        stop();
    }
}
