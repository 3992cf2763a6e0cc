package io.onevault.tracking.local;

import io.onevault.tracking.collector.Collector;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The collector in a process of its own, which can be ended and started again. */
final class CollectorProcess implements AutoCloseable {

    private final Path log;
    private final int port;
    private final List<String> options;
    private ChildProcess process;

    CollectorProcess(Path log, int port, TestDatabase database, KafkaProcess kafka, String topic)
            throws Exception {
        this.log = log;
        this.port = port;
        this.options =
                List.of(
                        "--port=" + port,
                        "--url=" + database.url(),
                        "--user=" + EmbeddedPostgres.USER,
                        "--bootstrap-servers=" + kafka.bootstrapServers(),
                        "--topic=" + topic);
        start();
    }

    void start() throws Exception {
        List<String> command =
                ChildProcess.java(
                        List.of(
                                "-Xmx256m",
                                "-Dlog4j2.configurationFile=classpath:collector/log4j2.properties"),
                        System.getProperty("java.class.path"),
                        Collector.class.getName());
        command.addAll(options);
        process = ChildProcess.start(log, Map.of(), command);
        JobRuns.await(this::isReady);
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    int port() {
        return port;
    }

    private boolean isReady() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("The collector ended: " + process.lastWords());
        }
        return status("/health/ready") == 200;
    }

    /** 0 where nobody listens. */
    int status(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url(path)).toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        try {
            return connection.getResponseCode();
        } catch (java.net.ConnectException e) {
            return 0;
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Kill -9. */
    void kill() throws InterruptedException {
        process.kill();
        process.close();
    }

    /** Asks it to end. */
    void terminate() {
        process.terminate();
    }

    /** Waits for the end that it was asked for. */
    void awaitEnd() throws InterruptedException {
        process.stop();
        process.close();
    }

    @Override
    public void close() {
        process.close();
    }
}
