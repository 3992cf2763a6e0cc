package io.onevault.tracking.bench.collect;

import io.onevault.tracking.collector.BenchCollector;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A collector in a process of its own, and what requests cost it. */
final class MeasuredCollector implements AutoCloseable {

    static final String RATE = "per_second";
    static final String CPU = "cpu_micros";

    /** All that is told of requests. */
    static final List<String> FIGURES =
            List.of("taken", "refused", RATE, CPU, "median_ms", "p99_ms", "most_ms");

    private static final double MICROS = 1e3;

    private final Process process;
    private final int port;
    private final String key;

    private MeasuredCollector(Process process, int port, String key) {
        this.process = process;
        this.port = port;
        this.key = key;
    }

    /**
     * Starts one.
     *
     * @param key that the generator sends
     * @param arguments of {@link BenchCollector} behind the port
     */
    static MeasuredCollector start(
            String classPath, List<String> java, String key, int port, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-Xmx512m"));
        options.addAll(java);
        List<String> all = new ArrayList<>(List.of(String.valueOf(port)));
        all.addAll(arguments);
        Process process =
                JavaProcess.start(
                        classPath, options, BenchCollector.class, all.toArray(String[]::new));
        while (!listens(port)) {
            if (!process.isAlive()) {
                throw new IOException("the collector ended");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return new MeasuredCollector(process, port, key);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /**
     * Has it take requests.
     *
     * @param perSecond requests of an open loop; 0: of a closed one
     */
    Map<String, Object> load(int connections, int perSecond, int seconds)
            throws IOException, InterruptedException {
        Process load =
                JavaProcess.start(
                        List.of("-Xmx256m"),
                        HttpLoad.class,
                        String.valueOf(port),
                        key,
                        String.valueOf(connections),
                        String.valueOf(perSecond),
                        String.valueOf(seconds));
        BufferedReader told = load.inputReader(StandardCharsets.UTF_8);
        told.readLine();
        Duration before = cpu();
        String line = told.lines().collect(Collectors.joining());
        Duration used = cpu().minus(before);
        String[] seen = line.strip().split(" ");
        if (load.waitFor() != 0 || seen.length != 6) {
            throw new IOException(
                    "the generator failed: " + line + ", exit code " + load.waitFor());
        }
        long taken = Long.parseLong(seen[0]);
        double[] values = {
            taken,
            Double.parseDouble(seen[1]),
            Math.round(taken / Double.parseDouble(seen[2])),
            Math.round(used.toNanos() / MICROS / taken * 10) / 10.0,
            Double.parseDouble(seen[3]),
            Double.parseDouble(seen[4]),
            Double.parseDouble(seen[5])
        };
        Map<String, Object> figures = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            figures.put(FIGURES.get(i), values[i]);
        }
        return figures;
    }

    private Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
