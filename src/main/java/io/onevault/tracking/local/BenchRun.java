package io.onevault.tracking.local;

import io.onevault.tracking.job.JobSettings;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.tool.EventGenerator;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** One run of the benchmark on started servers, from the empty tables to the report. */
final class BenchRun {

    private static final Duration POLL = Duration.ofMillis(200);

    /** Asking the cluster copies the job's whole graph: rarely, or the figures show the asking. */
    private static final Duration WATCH = Duration.ofSeconds(5);

    private static final long SECOND_NANOS = 1_000_000_000;

    // -- configuration
    private final BenchOptions options;
    private final StackSettings settings;
    private final Servers servers;
    private final Console console;
    private final long postmaster;

    // -- runtime
    private final BenchRates rates = new BenchRates();
    private final BenchReport report = new BenchReport();

    /**
     * @param postmaster process id of the database server
     */
    BenchRun(
            BenchOptions options,
            StackSettings settings,
            Servers servers,
            Console console,
            long postmaster) {
        this.options = options;
        this.settings = settings;
        this.servers = servers;
        this.console = console;
        this.postmaster = postmaster;
    }

    BenchReport run(EventGenerator generator) throws Exception {
        report.put("machine", BenchMachine.describe());
        servers.kafka().createTopic(settings.topic(), options.partitions);
        servers.kafka().createTopic(settings.rejectedTopic(), 1);
        try (Connection connection = servers.postgres().connect();
                TrackerProducer producer =
                        new TrackerProducer(servers.kafka().bootstrapServers(), settings.topic())) {
            Migration.apply(connection, applied -> {});
            registerTenants();
            BenchDatabase database = new BenchDatabase(connection);
            report.put("database", database.settings());
            BenchFeed feed = new BenchFeed(generator, producer, console.interrupts());
            if (!options.sendsAtRate()) {
                preload(feed, database);
            }
            measure(feed, database, connection);
        }
        return report;
    }

    private void registerTenants() throws Exception {
        try (TenantRegistry registry = new TenantRegistry(servers.postgres().connect())) {
            for (int tenant = 0; tenant < options.tenants; tenant++) {
                registry.register(EventGenerator.tenant(tenant));
            }
        }
    }

    private void preload(BenchFeed feed, BenchDatabase database) throws Exception {
        console.progress().say("Generating and sending records");
        BenchMoment before = BenchMoment.read(postmaster, database);
        FutureTask<?> sending = start(feed, null);
        while (!sending.isDone()) {
            console.interrupts().pause(POLL);
        }
        sending.get();
        BenchMoment after = BenchMoment.read(postmaster, database);
        Map<String, Object> preload = new LinkedHashMap<>();
        preload.put("records_per_s", Math.round(options.events / after.secondsSince(before)));
        preload.put("cost_per_record", after.costSince(before, options.events));
        report.put("preload", preload);
    }

    private FutureTask<?> start(BenchFeed feed, @Nullable BenchFreshness freshness) {
        FutureTask<?> sending =
                new FutureTask<>(
                        () -> {
                            if (freshness == null) {
                                feed.sendAll(options.events);
                            } else {
                                feed.sendAtRate(options.events, options.rate, freshness);
                            }
                            return null;
                        });
        startDaemon(sending, BenchThreads.GENERATOR_THREAD);
        return sending;
    }

    private static Thread startDaemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void measure(BenchFeed feed, BenchDatabase database, Connection connection)
            throws Exception {
        console.progress().say("Starting the job; web UI " + servers.flink().webUi());
        RunningJob job = servers.flink().submit(SiteTrackingJob.NAME, this::define);
        try (Offsets offsets =
                        new Offsets(
                                servers.kafka().admin(),
                                settings.group(),
                                settings.topic(),
                                options.partitions);
                Connection watching = servers.postgres().connect()) {
            Draining draining =
                    new Draining(
                            offsets,
                            new JobWatch(job, console.progress()),
                            console.interrupts(),
                            console.progress());
            while (!job.runs()) {
                console.interrupts().pause(POLL);
            }
            BenchMoment start = BenchMoment.read(postmaster, database);
            BenchFreshness freshness =
                    new BenchFreshness(watching, Duration.ofSeconds(options.warmUpSeconds));
            FutureTask<?> sending = options.sendsAtRate() ? start(feed, freshness) : null;
            Thread looking = startDaemon(freshness, BenchThreads.FRESHNESS_THREAD);
            BenchMoment warm = awaitCommitted(job, offsets, database, sending);
            BenchMoment end = BenchMoment.read(postmaster, database);
            freshness.stop();
            looking.join();

            BenchFindings findings = new BenchFindings(options, report, rates);
            findings.rates(start, warm, end);
            findings.checkpoints(job.graph().getCheckpointStatsSnapshot());
            report.put("state", BenchState.of(job.graph(), connection));
            if (options.sendsAtRate()) {
                findings.freshness(freshness);
            }
            draining.awaitSettled(connection);
            findings.disk(database.tables());
            findings.books(feed, Ledger.read(connection), database.violations());
        }
    }

    private void define(StreamExecutionEnvironment environment) {
        SiteTrackingJob.define(environment, JobSettings.of(settings.job()));
    }

    /** Waits until all is sent and committed; returns the end of the warm-up, or null before it. */
    private @Nullable BenchMoment awaitCommitted(
            RunningJob job,
            Offsets offsets,
            BenchDatabase database,
            @Nullable FutureTask<?> sending)
            throws Exception {
        long started = System.nanoTime();
        long warmAt = started + options.warmUpSeconds * SECOND_NANOS;
        rates.add(started, 0);
        BenchMoment warm = null;
        long committed = 0;
        long askAt = started;
        while (committed < options.events) {
            console.interrupts().pause(POLL);
            if (System.nanoTime() >= askAt) {
                requireWell(job, sending);
                askAt = System.nanoTime() + WATCH.toNanos();
            }
            committed = offsets.committed();
            rates.add(System.nanoTime(), committed);
            if (warm == null && System.nanoTime() >= warmAt) {
                warm = BenchMoment.read(postmaster, database);
            }
            if (console.progress().isDue()) {
                console.progress().update("Committed %,d of %,d", committed, options.events);
            }
        }
        return warm;
    }

    private static void requireWell(RunningJob job, @Nullable FutureTask<?> sending)
            throws Exception {
        job.requireAlive();
        if (sending != null && sending.isDone()) {
            sending.get();
        }
    }
}
