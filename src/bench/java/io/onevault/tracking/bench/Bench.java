package io.onevault.tracking.bench;

import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.bench.report.Medians;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedKafka;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.local.StackSettings;
import io.onevault.tracking.program.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Measures the whole system on one machine: real broker, real database, the real job, generated
 * events.
 */
@Command(
        name = "Bench",
        description = {
            "Sends generated events through Kafka, the site tracking job and PostgreSQL, all in one"
                    + " process, and reports what came out: rate, CPU, disk, checkpoints and"
                    + " whether the books balance. The report goes to stderr, and as one line of"
                    + " JSON to stdout.",
            ""
        })
public final class Bench implements Callable<Integer> {

    private static final int SECONDS_BETWEEN_EVENTS = 10;

    /** As on a cluster; the local stack takes one every 2 s, to be done soon. */
    private static final String CHECKPOINT_INTERVAL = "10 s";

    /** Half of what a TaskManager of the size that flink-conf/ is made for has. */
    private static final String MANAGED_MEMORY = "512 mb";

    private final Console console;

    @Mixin private BenchOptions options = new BenchOptions();

    @Spec private CommandSpec spec;

    Bench(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Console.main(Bench::new, args);
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        BenchReport report = options.against == null ? runs() : pairs(options.against);
        console.out().println(report.toJson());
        return report.balanced() ? Program.OK : Program.VIOLATED;
    }

    private BenchReport pairs(Path other) throws IOException, InterruptedException {
        List<String> arguments = spec.commandLine().getParseResult().originalArgs();
        List<String> command = Against.maven(Against.withoutPairs(arguments));
        BenchReport report =
                new Against(command, console.progress()).run(Path.of(""), other, options.runs);
        console.progress().say(report.toTable());
        return report;
    }

    private BenchReport runs() throws Exception {
        Medians runs = new Medians();
        for (int run = 1; run <= options.runs; run++) {
            // Servers, database and topic are new in every run; only this process stays.
            try (DataDirectory directory = DataDirectory.temporary()) {
                BenchReport report = measure(directory);
                console.progress().say(report.toTable());
                runs.add(report);
            }
        }
        BenchReport report = runs.report();
        if (options.runs > 1) {
            console.progress().say(report.toTable());
        }
        return report;
    }

    private BenchReport measure(DataDirectory directory) throws Exception {
        Ports ports = Ports.find(directory, Map.of());
        StackSettings settings = settings(directory, ports);
        console.progress().say("Starting Kafka, PostgreSQL and Flink in " + directory.path());
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.kafka(), ports);
                EmbeddedPostgres postgres =
                        EmbeddedPostgres.start(
                                directory.postgres(),
                                directory.binaries(),
                                ports.of(Endpoint.POSTGRES))) {
            BenchStage stage =
                    new BenchStage(
                            options,
                            settings,
                            kafka,
                            postgres,
                            console,
                            directory.path(),
                            ports.of(Endpoint.WEB),
                            postmaster(directory));
            return new BenchRun(stage).run(generator());
        }
    }

    private StackSettings settings(DataDirectory directory, Ports ports) throws IOException {
        Map<String, String> own = StackSettings.own(directory, ports);
        // The local stack's haste, not what a cluster has.
        own.remove(StackSettings.TENANT_REFRESH);
        StackSettings settings = StackSettings.of(own, options.set, JobSettings.keys());
        settings.flink().putIfAbsent("parallelism.default", Integer.toString(options.parallelism));
        settings.flink()
                .putIfAbsent(
                        "state.backend.type", options.stateBackend.name().toLowerCase(Locale.ROOT));
        settings.flink().putIfAbsent("execution.checkpointing.incremental", "true");
        settings.flink().putIfAbsent("execution.checkpointing.interval", CHECKPOINT_INTERVAL);
        settings.flink().putIfAbsent("state.backend.rocksdb.use-bloom-filter", "true");
        settings.flink()
                .putIfAbsent("state.backend.rocksdb.compression.per.level", "LZ4_COMPRESSION");
        settings.flink().putIfAbsent("taskmanager.memory.managed.size", MANAGED_MEMORY);
        return settings;
    }

    private static long postmaster(DataDirectory directory) throws IOException {
        String pidFile = Files.readString(directory.postgres().resolve("postmaster.pid"));
        return Long.parseLong(pidFile.lines().findFirst().orElseThrow().strip());
    }

    /** Events of yesterday, so that they lie in a partition of their own day. */
    private EventGenerator generator() {
        int perSecond = options.sendsAtRate() ? options.rate : options.eventTimeRate;
        Instant start = firstDay();
        EventGenerator.Mix mix =
                EventGenerator.Mix.standard()
                        .withTenants(options.tenants)
                        .withPace(
                                new EventGenerator.Pace(
                                        start, perSecond, perSecond * SECONDS_BETWEEN_EVENTS));
        return new EventGenerator(mix, options.seed);
    }

    /** When the generated events begin; what fills the tables before them ends here. */
    public static Instant firstDay() {
        return Instant.now().truncatedTo(ChronoUnit.DAYS).minus(1, ChronoUnit.DAYS);
    }
}
