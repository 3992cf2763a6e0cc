package io.onevault.tracking.bench;

import io.onevault.tracking.bench.feed.EventFeed;
import io.onevault.tracking.bench.feed.Filling;
import io.onevault.tracking.bench.feed.Freshness;
import io.onevault.tracking.bench.feed.Sending;
import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.gauge.MachineSpeed;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.bench.gauge.ThreadGroups;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.job.PartialJob;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Ledger;
import io.onevault.tracking.local.StackSettings;
import io.onevault.tracking.local.TrackerProducer;
import io.onevault.tracking.migrate.Migration;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** One run of the benchmark on started servers, from the empty tables to the report. */
final class BenchRun {

    private static final Duration POLL = Duration.ofMillis(200);

    private final BenchStage stage;
    private final BenchOptions options;
    private final StackSettings settings;
    private final BenchReport report = new BenchReport();

    BenchRun(BenchStage stage) {
        this.stage = stage;
        this.options = stage.options();
        this.settings = stage.settings();
    }

    BenchReport run(EventGenerator generator) throws Exception {
        report.put("machine", Machine.describe());
        double speedBefore = MachineSpeed.measure();
        stage.kafka().createTopic(settings.topic(), options.partitions);
        stage.kafka().createTopic(settings.rejectedTopic(), 1);
        try (Connection connection = stage.postgres().connect();
                TrackerProducer producer =
                        new TrackerProducer(stage.kafka().bootstrapServers(), settings.topic())) {
            Migration.apply(connection, applied -> {});
            DatabaseCounters database = new DatabaseCounters(connection);
            report.put("database", database.settings());
            if (options.filled > 0) {
                fill();
            }
            stage.registerTenants(EmbeddedPostgres.DATABASE);
            EventFeed feed = new EventFeed(generator, producer, stage.console().interrupts());
            if (!options.sendsAtRate()) {
                preload(feed, database);
            }
            measure(feed, database, connection);
        }
        report.put("machine_speed", List.of(speedBefore, MachineSpeed.measure()));
        new Comparison(stage, report).run();
        return report;
    }

    private void fill() throws Exception {
        stage.say("Filling the tables");
        try (Connection connection = stage.postgres().connect()) {
            report.put("filled", Filling.fill(connection, options.filled));
        }
    }

    private void preload(EventFeed feed, DatabaseCounters database) throws Exception {
        stage.say("Generating and sending records");
        Moment before = stage.moment(database);
        try (Sending sending = start(feed, null)) {
            while (!sending.isDone()) {
                stage.console().interrupts().pause(POLL);
            }
            sending.requireWell();
            Moment after = stage.moment(database);
            Map<String, Object> preload = new LinkedHashMap<>();
            preload.put("records_per_s", Math.round(options.events / after.secondsSince(before)));
            preload.put("cost_per_record", after.costSince(before, options.events));
            report.put("preload", preload);
        }
    }

    private Sending start(EventFeed feed, @Nullable Freshness freshness) {
        return Sending.start(
                () -> {
                    if (freshness == null) {
                        feed.sendAll(options.events);
                    } else {
                        feed.sendAtRate(options.events, options.rate, freshness);
                    }
                    return null;
                });
    }

    private void measure(EventFeed feed, DatabaseCounters database, Connection connection)
            throws Exception {
        Map<String, DatabaseCounters.TableSize> tables = database.tables();
        Ledger ledger = Ledger.read(connection);
        try (BenchPass pass = BenchPass.start(stage, database, settings.group(), this::define)) {
            Machine.forgetPeakResident();
            Freshness freshness = watch(feed, pass);
            BenchFindings findings = new BenchFindings(options, report);
            findings.rates(pass);
            findings.checkpoints(pass.job().graph().getCheckpointStatsSnapshot());
            Map<String, Object> state = StateSize.of(pass.job().graph(), connection);
            state.put("sessions_sent", feed.sessions());
            report.put("state", state);
            if (options.sendsAtRate()) {
                findings.freshness(freshness);
            }
            findings.memory(settings);
            if (options.without.isEmpty()) {
                pass.awaitSettled(connection);
                findings.disk(tables, database.tables());
                findings.books(feed, Ledger.read(connection).since(ledger), database.violations());
            } else {
                report.put("books", "not checked, as parts of the job are left out");
            }
        }
    }

    /** Waits until all is committed, with somebody looking how fresh it is. */
    private Freshness watch(EventFeed feed, BenchPass pass) throws Exception {
        try (Connection watching = stage.postgres().connect()) {
            Freshness freshness =
                    new Freshness(watching, Duration.ofSeconds(options.warmUpSeconds));
            Sending sending = options.sendsAtRate() ? start(feed, freshness) : null;
            Thread looking = Sending.startDaemon(freshness, ThreadGroups.FRESHNESS_THREAD);
            pass.awaitCommitted(options.events, Long.MAX_VALUE, sending);
            if (sending != null) {
                sending.close();
            }
            freshness.stop();
            looking.join();
            return freshness;
        }
    }

    private void define(StreamExecutionEnvironment environment) {
        JobSettings job = JobSettings.of(settings.job());
        if (options.without.isEmpty()) {
            SiteTrackingJob.define(environment, job);
        } else {
            PartialJob.define(environment, job, options.without);
        }
    }
}
