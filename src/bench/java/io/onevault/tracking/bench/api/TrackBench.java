package io.onevault.tracking.bench.api;

import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.program.Program;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how many transactions with a tracked event concurrent callers commit. */
@Command(
        name = "TrackBench",
        description = {
            "Starts a PostgreSQL of its own that writes through to the disk, lets more and more"
                    + " callers at once track one event a transaction, and reports commits a second."
                    + " The report goes to stderr, and as one line of JSON to stdout.",
            ""
        })
public final class TrackBench implements Callable<Integer> {

    private static final String TRACK =
            """
            SELECT api.track_event('{"tenantId": "acme", "evt_type": "page_view",
                "session_id": "s", "page_url": "https://shop.example.com/products/1"}')""";

    private final Console console;

    @Option(
            names = "--callers",
            paramLabel = "n,…",
            split = ",",
            defaultValue = "1,4,16,64",
            description = "How many call at once. Default: ${DEFAULT-VALUE}.")
    private List<Integer> callers = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "n",
            defaultValue = "10",
            description = "How long each. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    private TrackBench(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Console.main(TrackBench::new, args);
    }

    @Override
    public Integer call() throws Exception {
        BenchReport report = new BenchReport();
        report.put("machine", Machine.describe());
        try (DataDirectory directory = DataDirectory.temporary()) {
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(), directory.binaries(), port);
                    Connection connection = postgres.connect();
                    Statement statement = connection.createStatement()) {
                Migration.apply(connection, applied -> {});
                statement.execute(
                        "INSERT INTO auth.tenant_h VALUES (sha256('acme'), 'acme', now(), 't')");
                report.put("commits_per_second", measureAll(statement, postgres));
            }
        }
        console.progress().say(report.toTable());
        console.out().println(report.toJson());
        return Program.OK;
    }

    private Map<String, Object> measureAll(Statement statement, EmbeddedPostgres postgres)
            throws Exception {
        Map<String, Object> rates = new LinkedHashMap<>();
        measure(postgres, callers.get(0)); // warms up
        for (int number : callers) {
            statement.execute("TRUNCATE raw.site_tracking_outbox_r");
            rates.put(number + " callers", measure(postgres, number));
        }
        return rates;
    }

    /** Commits a second of so many callers. */
    private long measure(EmbeddedPostgres postgres, int number) throws Exception {
        console.progress().say("Tracking by " + number + " callers");
        ExecutorService threads = Executors.newFixedThreadPool(number);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                counts.add(threads.submit(() -> track(postgres, end)));
            }
            long commits = 0;
            for (Future<Long> count : counts) {
                commits += count.get();
            }
            return commits / seconds;
        } finally {
            threads.shutdown();
        }
    }

    private static long track(EmbeddedPostgres postgres, long end) throws SQLException {
        long commits = 0;
        try (Connection connection = postgres.connect();
                PreparedStatement track = connection.prepareStatement(TRACK)) {
            while (System.nanoTime() < end) {
                try (ResultSet row = track.executeQuery()) {
                    row.next();
                    if (!row.getString(1).contains("\"success\": true")) {
                        throw new IllegalStateException(row.getString(1));
                    }
                }
                commits++;
            }
        }
        return commits;
    }
}
