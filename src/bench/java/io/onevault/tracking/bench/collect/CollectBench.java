package io.onevault.tracking.bench.collect;

import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.collector.BenchCollector;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.program.Program;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the collector's CPU time for an acknowledged request of one event, and its latency. */
@Command(
        name = "CollectBench",
        description = {
            "Starts a broker, a collector and a generator of requests, each in a process of its"
                    + " own, and the collector a second time without Kafka. The report goes to"
                    + " stderr, and as one line of JSON to stdout.",
            ""
        })
public final class CollectBench implements Callable<Integer> {

    private static final String NO_KAFKA = "";
    private static final String FLUSHES = "broker";
    private static final String WITH = "collector";
    private static final String WITHOUT = "without_kafka";
    private static final String CLOSED = "closed_loop";
    private static final String RATE = "per_second";
    private static final String CPU = "cpu_micros";
    private static final double MICROS = 1e3;

    private final Console console;

    @Option(
            names = "--seconds",
            paramLabel = "n",
            defaultValue = "15",
            description = "How long each is measured. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "n",
            defaultValue = "20",
            description = "Seconds before, in which it is compiled. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(
            names = "--connections",
            paramLabel = "n",
            defaultValue = "64",
            description = "How many are open at once. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--rate",
            paramLabel = "n",
            defaultValue = "4000",
            description = "Requests a second of the open loop. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--java",
            paramLabel = "OPTION",
            description = "For the collector, such as -XX:StartFlightRecording:filename=a.jfr.")
    private List<String> java = List.of();

    private CollectBench(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Console.main(CollectBench::new, args);
    }

    @Override
    public Integer call() throws Exception {
        BenchReport report = new BenchReport();
        report.put("machine", Machine.describe());
        try (DataDirectory directory = DataDirectory.temporary()) {
            Ports ports = Ports.find(directory, Map.of());
            try (EmbeddedPostgres postgres =
                    EmbeddedPostgres.start(
                            directory.postgres(),
                            directory.binaries(),
                            ports.of(Endpoint.POSTGRES))) {
                String key = key(postgres);
                Process broker = broker(directory.path().resolve("kafka"), ports);
                try {
                    String servers = "127.0.0.1:" + ports.of(Endpoint.KAFKA);
                    report.put(FLUSHES, "log.flush.* not set: the broker leaves it to the system");
                    report.put(WITH, measure(postgres, ports, servers, key));
                    report.put(WITHOUT, measure(postgres, ports, NO_KAFKA, key));
                    report.put("ratio", ratio(report));
                } finally {
                    broker.destroyForcibly().waitFor();
                }
            }
        }
        console.progress().say(report.toTable());
        console.out().println(report.toJson());
        return Program.OK;
    }

    /** Of requests in the closed loop: all at once on this machine, and on a core of its own. */
    private static Map<String, Object> ratio(BenchReport report) {
        Map<String, Object> ratio = new LinkedHashMap<>();
        ratio.put(
                "requests",
                rounded(report.number(WITH, CLOSED, RATE) / report.number(WITHOUT, CLOSED, RATE)));
        ratio.put(
                "requests_per_cpu",
                rounded(report.number(WITHOUT, CLOSED, CPU) / report.number(WITH, CLOSED, CPU)));
        return ratio;
    }

    private static double rounded(double number) {
        return Math.round(number * 100) / 100.0;
    }

    private static String key(EmbeddedPostgres postgres) throws Exception {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            Migration.apply(connection, applied -> {});
            statement.execute(
                    "INSERT INTO auth.tenant_h VALUES (sha256('acme'), 'acme', now(), 't')");
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT auth.site_tracking_make_key('acme', 'web', ARRAY['browser'])")) {
                row.next();
                return row.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the database can't be prepared", e);
        }
    }

    private Process broker(Path folder, Ports ports) throws IOException {
        Process broker =
                start(
                        List.of("-Xmx512m"),
                        BenchBroker.class,
                        folder.toString(),
                        String.valueOf(ports.of(Endpoint.KAFKA)),
                        String.valueOf(ports.of(Endpoint.CONTROLLER)));
        if (broker.inputReader().readLine() == null) {
            throw new IOException("the broker ended");
        }
        return broker;
    }

    /** One collector: warm, in a closed loop, and in an open one. */
    private Map<String, Object> measure(
            EmbeddedPostgres postgres, Ports ports, String servers, String key) throws Exception {
        int port = ports.of(Endpoint.COLLECTOR);
        List<String> options = new ArrayList<>(List.of("-Xmx512m"));
        options.addAll(java);
        Process collector =
                start(
                        options,
                        BenchCollector.class,
                        String.valueOf(port),
                        postgres.jdbcUrl(),
                        servers);
        try {
            awaitListening(port);
            load(collector, port, key, 0, warmUp);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put(CLOSED, load(collector, port, key, 0, seconds));
            figures.put("open_loop", load(collector, port, key, rate, seconds));
            return figures;
        } finally {
            collector.destroy();
            collector.waitFor();
        }
    }

    private Map<String, Object> load(
            Process collector, int port, String key, int perSecond, int lasting) throws Exception {
        Duration before = cpu(collector);
        Process load =
                start(
                        List.of("-Xmx256m"),
                        HttpLoad.class,
                        String.valueOf(port),
                        key,
                        String.valueOf(connections),
                        String.valueOf(perSecond),
                        String.valueOf(lasting));
        String line = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Duration used = cpu(collector).minus(before);
        String[] seen = line.strip().split(" ");
        if (load.waitFor() != 0 || seen.length != 6) {
            throw new IOException(
                    "the generator failed: " + line + ", exit code " + load.waitFor());
        }
        long taken = Long.parseLong(seen[0]);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("taken", taken);
        figures.put("refused", Long.parseLong(seen[1]));
        figures.put(RATE, Math.round(taken / Double.parseDouble(seen[2])));
        figures.put(CPU, Math.round(used.toNanos() / MICROS / taken * 10) / 10.0);
        figures.put("median_ms", Double.parseDouble(seen[3]));
        figures.put("p99_ms", Double.parseDouble(seen[4]));
        figures.put("most_ms", Double.parseDouble(seen[5]));
        return figures;
    }

    private static Duration cpu(Process process) {
        return process.toHandle().info().totalCpuDuration().orElseThrow();
    }

    private static void awaitListening(int port) throws InterruptedException {
        while (!listens(port)) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Process start(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Maven runs programs by a class loader of its own, which knows the path. */
    private static String classPath() {
        if (CollectBench.class.getClassLoader() instanceof URLClassLoader mavens) {
            return Stream.of(mavens.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }
}
