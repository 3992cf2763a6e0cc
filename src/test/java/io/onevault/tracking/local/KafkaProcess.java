package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** The embedded broker in a process of its own, which can be stopped and started again. */
final class KafkaProcess implements AutoCloseable {

    private final Path folder;
    private final Ports ports;
    private ChildProcess process;

    KafkaProcess(Path folder, Ports ports) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.ports = ports;
        start();
    }

    /** The program: data folder, port of the broker, port of the controller. */
    public static void main(String[] args) throws Exception {
        Ports ports =
                new Ports(
                        Map.of(
                                Endpoint.KAFKA, Integer.parseInt(args[1]),
                                Endpoint.CONTROLLER, Integer.parseInt(args[2])));
        EmbeddedKafka kafka = start(Path.of(args[0]), ports);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    try {
                                        kafka.close();
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                    stopped.countDown();
                                }));
        stopped.await();
    }

    /**
     * A port may be another one's by now; threads of a broker that failed would go on without it.
     */
    private static EmbeddedKafka start(Path data, Ports ports) {
        try {
            return EmbeddedKafka.start(data, ports);
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
            throw new AssertionError(e);
        }
    }

    String bootstrapServers() {
        return ports.address(Endpoint.KAFKA);
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    void start() throws Exception {
        List<String> command =
                ChildProcess.java(
                        List.of("-Xmx512m"),
                        System.getProperty("java.class.path"),
                        KafkaProcess.class.getName());
        command.add(folder.resolve("data").toString());
        command.add(Integer.toString(ports.of(Endpoint.KAFKA)));
        command.add(Integer.toString(ports.of(Endpoint.CONTROLLER)));
        process = ChildProcess.start(folder.resolve("kafka.log"), Map.of(), command);
        JobRuns.await(this::answers);
    }

    private boolean answers() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException("Kafka ended: " + process.lastWords());
        }
        try (Admin admin = admin()) {
            admin.describeCluster().nodes().get(5, java.util.concurrent.TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | java.util.concurrent.TimeoutException notYet) {
            return false;
        }
    }

    void stop() throws InterruptedException {
        process.stop();
        process.close();
    }

    /** Kill -9. */
    void kill() throws InterruptedException {
        process.kill();
        process.close();
    }

    @Override
    public void close() {
        process.close();
    }
}
