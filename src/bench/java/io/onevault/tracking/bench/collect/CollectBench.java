package io.onevault.tracking.bench.collect;

import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.gauge.Rates;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.program.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the collector's CPU time for an acknowledged request of one event, and its latency. */
@Command(
        name = "CollectBench",
        description = {
            "Starts a broker, a collector and a generator of requests, each in a process of its"
                    + " own, then the collector without Kafka, and a bare server that looks at"
                    + " nothing and writes bodies to Kafka. The report goes to stderr, and as one"
                    + " line of JSON to stdout.",
            ""
        })
public final class CollectBench implements Callable<Integer> {

    private static final String NO_KAFKA = "";
    private static final String FLUSHES = "broker";
    private static final String WITH = "collector";
    private static final String WITHOUT = "without_kafka";
    private static final String BARE = "bare_server";
    private static final String CLOSED = "closed_loop";
    private static final String OPEN = "open_loop";
    private static final double MEDIAN = 0.5;

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
            names = "--runs",
            paramLabel = "n",
            defaultValue = "1",
            description =
                    "How often each is measured, by turns; the report has the medians. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int runs;

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
                Process broker = broker(directory.path().resolve("kafka"), ports);
                try {
                    String servers = "127.0.0.1:" + ports.of(Endpoint.KAFKA);
                    report.put(FLUSHES, "log.flush.* not set: the broker leaves it to the system");
                    measure(report, ports.of(Endpoint.COLLECTOR), postgres, servers);
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
        double rate = report.number(WITH, CLOSED, MeasuredCollector.RATE);
        double cpu = report.number(WITH, CLOSED, MeasuredCollector.CPU);
        ratio.put(
                "requests", rounded(rate / report.number(WITHOUT, CLOSED, MeasuredCollector.RATE)));
        ratio.put(
                "requests_per_cpu",
                rounded(report.number(WITHOUT, CLOSED, MeasuredCollector.CPU) / cpu));
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
                JavaProcess.start(
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

    /** All by turns, so that what else the machine does meets each. */
    private void measure(BenchReport report, int port, EmbeddedPostgres postgres, String servers)
            throws Exception {
        String key = key(postgres);
        Map<String, List<String>> subjects = new LinkedHashMap<>();
        subjects.put(WITH, List.of(postgres.jdbcUrl(), servers));
        subjects.put(WITHOUT, List.of(postgres.jdbcUrl(), NO_KAFKA));
        subjects.put(BARE, List.of(postgres.jdbcUrl(), servers, BARE));
        Map<String, List<BenchReport>> all = new LinkedHashMap<>();
        for (int run = 0; run < runs; run++) {
            for (Map.Entry<String, List<String>> subject : subjects.entrySet()) {
                BenchReport one = new BenchReport();
                try (MeasuredCollector collector =
                        MeasuredCollector.start(
                                JavaProcess.classPath(), java, key, port, subject.getValue())) {
                    collector.load(connections, 0, warmUp);
                    one.put(CLOSED, collector.load(connections, 0, seconds));
                    one.put(OPEN, collector.load(connections, rate, seconds));
                }
                console.progress().say(subject.getKey() + System.lineSeparator() + one.toTable());
                all.computeIfAbsent(subject.getKey(), absent -> new ArrayList<>()).add(one);
            }
        }
        all.forEach((subject, measured) -> report.put(subject, medians(measured)));
    }

    private static Map<String, Object> medians(List<BenchReport> runs) {
        Map<String, Object> medians = new LinkedHashMap<>();
        for (String loop : List.of(CLOSED, OPEN)) {
            Map<String, Object> figures = new LinkedHashMap<>();
            for (String figure : MeasuredCollector.FIGURES) {
                double[] values =
                        runs.stream().mapToDouble(run -> run.number(loop, figure)).toArray();
                figures.put(figure, Rates.quantile(values, MEDIAN));
            }
            medians.put(loop, figures);
        }
        return medians;
    }
}
