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
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
                    + " code 1.",
            ""
        })
public final class ApiBench implements Callable<Integer> {

    private static final int EVENTS_PER_SESSION = 10;
    private static final double UPKEEP_MICROS = 5;

    /** A closed one in the middle of the period, of more than a few events. */
    private static final String A_SESSION =
            """
            SELECT session_bk
              FROM business.site_session_b
              JOIN business.site_session_h USING (session_hk, tenant_hk)
             WHERE tenant_hk = util.hash_binary('bench')
               AND session_status = 'CLOSED'
               AND total_events BETWEEN 10 AND 15
             ORDER BY key_start
             LIMIT 1""";

    /**
     * What the database does for paths, items by day, cohorts and variants when sessions close, in
     * microseconds. The loader tells paths with versions, so that they need not be read.
     */
    private static final String UPKEEP =
            """
            SELECT 1000 * sum(CASE funcname WHEN 'site_linked_paths' THEN -total_time ELSE total_time END)
              FROM pg_stat_user_functions
             WHERE schemaname = 'business'
               AND funcname IN ('site_write_paths', 'site_linked_paths', 'site_item_days_of',
                   'site_hold_item_days', 'site_hold_variants', 'site_hold_cohort_zones',
                   'site_add_cohorts', 'site_follow_first')""";

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
        ApiGoals goals = url == null ? askNew(report) : askFilled(url, report);
        report.put("answers", goals.answers());
        report.put("kept", goals.areKept());
        console.progress().say(report.toTable());
        console.progress().say(goals.toTable());
        console.out().println(report.toJson());
        return goals.areKept() ? Program.OK : Program.FAILED;
    }

    private ApiGoals askFilled(String url, BenchReport report) throws Exception {
        try (Connection connection =
                DatabaseLogin.connect(login.to(url, "--url", System.getenv()))) {
            Map<String, Object> vault = describe(connection);
            report.put("vault", vault);
            return ask(connection, (long) vault.get("events"));
        }
    }

    private ApiGoals askNew(BenchReport report) throws Exception {
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(), directory.binaries(), port);
                    Connection connection = postgres.connect()) {
                Map<String, Object> vault = fill(connection);
                report.put("vault", vault);
                ApiGoals goals = ask(connection, (long) vault.get("events"));
                goals.add("upkeep, µs an event", (double) vault.get("upkeep_us"), UPKEEP_MICROS);
                return goals;
            }
        }
    }

    private Map<String, Object> fill(Connection connection) throws Exception {
        console.progress().say("Filling a vault with " + events + " events");
        long begin = System.nanoTime();
        Migration.apply(connection, applied -> {});
        Instant until = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET track_functions = 'all'");
            FilledVault.fill(connection, events / EVENTS_PER_SESSION, days, until);
            statement.execute("VACUUM ANALYZE");
            // Filling is done by one process, with more memory than questions have.
            statement.execute("RESET ALL");
        }
        Map<String, Object> vault = describe(connection);
        vault.put("fill_s", (System.nanoTime() - begin) / 1_000_000_000);
        double upkeep = ApiQuestion.number(connection, UPKEEP);
        vault.put("upkeep_us", upkeep / (long) vault.get("events"));
        console.progress().say("Filled in " + vault.get("fill_s") + " s");
        return vault;
    }

    private Map<String, Object> describe(Connection connection) throws Exception {
        Map<String, Object> vault = new LinkedHashMap<>();
        vault.put("events", count(connection, "count(*) FROM business.site_event_h"));
        vault.put("sessions", count(connection, "count(*) FROM business.site_session_b"));
        vault.put("megabytes", count(connection, "pg_database_size(current_database()) / 1000000"));
        vault.put("days", days);
        return vault;
    }

    private static long count(Connection connection, String what) throws SQLException {
        return (long) ApiQuestion.number(connection, "SELECT " + what);
    }

    private ApiGoals ask(Connection connection, long stored) throws Exception {
        ApiGoals goals = new ApiGoals();
        String session = ApiQuestion.text(connection, A_SESSION);
        for (ApiQuestion question : ApiQuestion.all(days, session)) {
            console.progress().say("Asking " + question.name());
            List<Double> millis = question.millis(connection, runs);
            goals.add(question.name(), millis, question.goalMillis(stored));
        }
        if (plans != null) {
            writePlans(connection, plans, session);
        }
        return goals;
    }

    private void writePlans(Connection connection, Path file, String session) throws Exception {
        List<String> lines = new ArrayList<>();
        for (ApiQuestion question : ApiQuestion.all(days, session)) {
            lines.add("======== " + question.name() + ": " + question.call());
            lines.addAll(question.plans(connection));
        }
        Files.write(file, lines);
    }
}
