package io.onevault.tracking.bench.api;

import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how fast the api layer answers over a large vault, and writes down the plans. */
@Command(
        name = "ApiBench",
        description = {
            "Fills a PostgreSQL of its own with generated sessions and events, asks the read"
                    + " functions of the api layer, and reports warm times. The report goes to"
                    + " stderr, and as one line of JSON to stdout. Slower than a goal is exit"
                    + " code 4.",
            ""
        })
public final class ApiBench implements Callable<Integer> {

    private static final int EVENTS_PER_SESSION = 10;

    private final Console console;

    @Option(
            names = "--events",
            paramLabel = "n",
            defaultValue = "5000000",
            description = "Events of the tenant, more or less. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(
            names = "--days",
            paramLabel = "n",
            defaultValue = "30",
            description = "Days over which they are spread. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Option(
            names = "--runs",
            paramLabel = "n",
            defaultValue = "11",
            description =
                    "Times each question is asked; the first is not counted. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--plans",
            paramLabel = "file",
            description = "Where the plans of all statements inside the functions are written.")
    private @Nullable Path plans;

    @Option(
            names = "--url",
            paramLabel = "jdbc:…",
            description = "A vault that such a run has filled, to be asked as it is.")
    private @Nullable String url;

    @Mixin private DatabaseLogin login = new DatabaseLogin();

    private ApiBench(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Console.main(ApiBench::new, args);
    }

    @Override
    public Integer call() throws Exception {
        BenchReport report = new BenchReport();
        report.put("machine", Machine.describe());
        boolean kept = url == null ? askNew(report) : askFilled(url, report);
        console.progress().say(report.toTable());
        console.out().println(report.toJson());
        return kept ? Program.OK : Program.VIOLATED;
    }

    private boolean askFilled(String url, BenchReport report) throws Exception {
        try (Connection connection =
                DatabaseLogin.connect(login.to(url, "--url", System.getenv()))) {
            report.put("vault", describe(connection));
            return ask(connection, report);
        }
    }

    private boolean askNew(BenchReport report) throws Exception {
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(), directory.binaries(), port);
                    Connection connection = postgres.connect()) {
                fill(connection, report);
                return ask(connection, report);
            }
        }
    }

    private void fill(Connection connection, BenchReport report) throws Exception {
        console.progress().say("Filling a vault with " + events + " events");
        long begin = System.nanoTime();
        Migration.apply(connection, applied -> {});
        Instant until = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        FilledVault.fill(connection, events / EVENTS_PER_SESSION, days, until);
        try (Statement statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
        Map<String, Object> vault = describe(connection);
        vault.put("fill_s", (System.nanoTime() - begin) / 1_000_000_000);
        report.put("vault", vault);
    }

    private Map<String, Object> describe(Connection connection) throws Exception {
        Map<String, Object> vault = new LinkedHashMap<>();
        vault.put("events", ApiQuestion.count(connection, "business.site_event_h"));
        vault.put("sessions", ApiQuestion.count(connection, "business.site_session_b"));
        vault.put("days", days);
        return vault;
    }

    /** Whether every goal was reached. */
    private boolean ask(Connection connection, BenchReport report) throws Exception {
        boolean kept = true;
        Map<String, Object> times = new LinkedHashMap<>();
        for (ApiQuestion question : ApiQuestion.all(days)) {
            console.progress().say("Asking " + question.name());
            List<Double> millis = question.millis(connection, runs);
            Map<String, Object> time = new LinkedHashMap<>();
            time.put("median_ms", round(millis.get(millis.size() / 2)));
            time.put("min_ms", round(millis.get(0)));
            time.put("max_ms", round(millis.get(millis.size() - 1)));
            if (question.goalMillis() > 0) {
                time.put("goal_ms", question.goalMillis());
                kept &= millis.get(millis.size() / 2) <= question.goalMillis();
            }
            times.put(question.name(), time);
        }
        report.put("answers", times);
        report.put("kept", kept);
        if (plans != null) {
            writePlans(connection, plans);
        }
        return kept;
    }

    private static double round(double millis) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", millis));
    }

    private void writePlans(Connection connection, Path file) throws Exception {
        List<String> lines = new ArrayList<>();
        for (ApiQuestion question : ApiQuestion.all(days)) {
            lines.add("======== " + question.name() + ": " + question.call());
            lines.addAll(question.plans(connection));
        }
        Files.write(file, lines);
    }
}
