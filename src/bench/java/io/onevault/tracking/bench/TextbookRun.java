package io.onevault.tracking.bench;

import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.job.TextbookJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.local.Ledger;
import io.onevault.tracking.local.StackSettings;
import io.onevault.tracking.migrate.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Has the textbook job read the same topic into another database, and reports how fast it was. */
final class TextbookRun {

    /** Its member of the report, its database and its consumer group. */
    static final String NAME = "textbook";

    private static final long MOST_SECONDS = 180;

    /** Of the days that the generated events are of; the job itself makes none. */
    private static final String PARTITIONS =
            "SELECT raw.site_tracking_ensure_partitions(current_date - 1, current_date + 1)";

    /** Tables whose rows follow from the events alone, not from when sessions were published. */
    private static final List<String> SAME =
            List.of(
                    "raw.site_tracking_events_r",
                    "staging.site_tracking_events_s",
                    "business.site_event_h",
                    "business.site_event_details_s",
                    "business.event_page_l",
                    "business.event_business_item_l",
                    "business.visitor_business_item_l",
                    "business.site_visitor_h",
                    "business.site_page_h",
                    "business.business_item_h");

    private TextbookRun() {}

    static void run(BenchStage stage, BenchReport report) throws Exception {
        stage.postgres().createDatabase(NAME);
        try (Connection connection = stage.postgres().connect(NAME)) {
            Migration.apply(connection, applied -> {});
            try (Statement statement = connection.createStatement()) {
                statement.execute(PARTITIONS);
            }
            stage.registerTenants(NAME);
            measure(stage, report, connection);
        }
        stage.drop(NAME);
    }

    private static void measure(BenchStage stage, BenchReport report, Connection connection)
            throws Exception {
        BenchOptions options = stage.options();
        DatabaseCounters database = new DatabaseCounters(connection);
        JobSettings settings = settings(stage);
        try (BenchPass pass =
                BenchPass.start(stage, database, NAME, env -> TextbookJob.define(env, settings))) {
            boolean all = options.compareEvents == 0;
            pass.awaitCommitted(
                    all ? options.events : options.compareEvents,
                    all ? MOST_SECONDS : Long.MAX_VALUE,
                    null);
            Map<String, Object> figures = new LinkedHashMap<>();
            long committed = pass.rates().last().committed();
            figures.put("records", committed);
            figures.put(BenchFindings.RATE, BenchFindings.rate(pass, options));
            figures.put(BenchFindings.COST, BenchFindings.cost(pass));
            report.put(NAME, figures);
            if (committed == options.events) {
                pass.awaitSettled(connection);
                report.addErrors(errors(stage, report, connection));
            }
        }
    }

    private static JobSettings settings(BenchStage stage) {
        Map<String, String> settings = new HashMap<>(stage.settings().job());
        settings.put(StackSettings.GROUP, NAME);
        String url = stage.postgres().jdbcUrl(NAME) + "?reWriteBatchedInserts=true";
        settings.put("database.url", url);
        return JobSettings.of(settings);
    }

    /** It must have done the same work: written as many rows, and come to the same ledger. */
    private static List<String> errors(BenchStage stage, BenchReport report, Connection connection)
            throws SQLException {
        List<String> errors = new ArrayList<>();
        Map<String, Object> ledger = BenchFindings.ledger(Ledger.read(connection));
        if (!ledger.equals(report.member(BenchFindings.LEDGER))) {
            errors.add("the textbook job's ledger is " + ledger);
        }
        DatabaseCounters theirs = new DatabaseCounters(connection);
        try (Connection ourConnection = stage.postgres().connect()) {
            DatabaseCounters ours = new DatabaseCounters(ourConnection);
            for (String table : SAME) {
                long rows = theirs.rows(table);
                if (rows != ours.rows(table)) {
                    errors.add("the textbook job has " + rows + " rows in " + table);
                }
            }
        }
        return errors;
    }
}
