package io.onevault.tracking.local;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.MigrationException;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.relay.OutboxRelay;
import io.onevault.tracking.relay.RelaySettings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One run on started servers: schema, tenants, job, input, results, and a clean stop. */
final class StackRun {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration WATCH = Duration.ofSeconds(1);

    /** Somebody may send events meanwhile. */
    private static final Duration FIRINGS_LIMIT = Duration.ofSeconds(60);

    private static final int REJECTED_PARTITIONS = 1;

    private final StackOptions options;
    private final StackSettings settings;
    private final Servers servers;
    private final Console console;
    private final Feed feed;
    private final SessionNames names;

    StackRun(StackOptions options, StackSettings settings, Servers servers, Console console) {
        this.options = options;
        this.settings = settings;
        this.servers = servers;
        this.console = console;
        this.feed = new Feed(options, console.in());
        this.names = new SessionNames(settings.secret());
    }

    /** Runs to the end and returns the exit code. */
    int run() throws Exception {
        int partitions = createTopics();
        try (Connection connection = servers.postgres().connect()) {
            migrate(connection);
            Ledger before = Ledger.read(connection);
            RunningJob job = servers.flink().submit(SiteTrackingJob.NAME, this::define);
            JobWatch watch = new JobWatch(job, console.progress());
            OutboxRelay relay = OutboxRelay.start(relaySettings());
            try {
                process(connection, watch, partitions);
                finish(connection, job, watch, before);
                return Program.OK;
            } catch (StopRequestedException stopped) {
                stop(job);
                return options.drain ? Program.STOPPED : Program.OK;
            } finally {
                relay.close();
            }
        }
    }

    /** Shows the results and stops the job, at once or when asked to. */
    private void finish(Connection connection, RunningJob job, JobWatch watch, Ledger before)
            throws Exception {
        if (!options.drain) {
            stay(connection, watch);
            stop(job);
            return;
        }
        Ledger ledger = Ledger.read(connection).since(before);
        Summary summary = new Summary(ledger, SessionFigures.read(connection).count());
        if (options.keep) {
            console.out().println(summary.toJson());
            stay(connection, watch);
            stop(job);
        } else {
            // First the savepoint: who reads the summary may rely on the next run to continue.
            stop(job);
            console.out().println(summary.toJson());
        }
    }

    private int createTopics() throws ExecutionException, InterruptedException {
        int partitions = servers.kafka().createTopic(settings.topic(), options.partitions);
        servers.kafka().createTopic(settings.rejectedTopic(), REJECTED_PARTITIONS);
        if (partitions != options.partitions) {
            console.progress().say("The events topic has " + partitions + " partitions already");
        }
        return partitions;
    }

    private void migrate(Connection connection)
            throws SQLException, MigrationException, IOException {
        // The notices are for administrators of other servers; this one is known.
        Migration.apply(connection, applied -> {});
        try (TenantRegistry registry = new TenantRegistry(servers.postgres().connect())) {
            feed.registerTenants(registry);
        }
    }

    private RelaySettings relaySettings() {
        return RelaySettings.of(
                new DatabaseAccess(servers.postgres().jdbcUrl(), EmbeddedPostgres.USER, ""),
                KafkaAccess.plain(servers.kafka().bootstrapServers()),
                settings.topic());
    }

    private void define(StreamExecutionEnvironment environment) {
        SiteTrackingJob.define(environment, JobSettings.of(settings.job()));
    }

    /** Plays the input and waits until everything is in the database. */
    private void process(Connection connection, JobWatch watch, int partitions) throws Exception {
        try (TrackerProducer producer =
                        new TrackerProducer(
                                servers.kafka().bootstrapServers(),
                                settings.topic(),
                                settings.headerProof());
                Offsets offsets =
                        new Offsets(
                                servers.kafka().admin(),
                                settings.group(),
                                settings.topic(),
                                partitions);
                VaultWatch vault = new VaultWatch(servers.postgres().connect())) {
            play(producer);
            Draining draining = new Draining(offsets, watch, vault, console, patience());
            if (options.drain) {
                Duration gap = JobSettings.of(settings.job()).get(JobOptions.SESSION_GAP);
                draining.drain(producer, gap);
            } else {
                draining.awaitCaughtUp();
                new EarlyFirings(watch, console).await(connection, FIRINGS_LIMIT);
            }
        }
        if (options.sessionsOut != null) {
            SessionsOut.write(connection, options.sessionsOut, names);
        }
    }

    /** Who does not drain ends the stack by hand. */
    private Patience patience() {
        Duration limit =
                options.drain ? Duration.ofSeconds(options.patienceSeconds) : Patience.ENDLESS;
        return new Patience(limit, console.progress());
    }

    private void play(TrackerProducer producer) throws Exception {
        try (Input input = feed.open();
                TenantRegistry registry = new TenantRegistry(servers.postgres().connect())) {
            if (input == null) {
                return;
            }
            console.progress().say("Playing " + feed.describe());
            Playing playing =
                    new Playing(
                            producer,
                            feed.registersOnTheFly() ? registry : null,
                            names,
                            console.interrupts(),
                            console.progress());
            FutureTask<Long> lines = new FutureTask<>(() -> playing.play(input));
            Thread thread = new Thread(lines, "play-input");
            // Reading stdin cannot be interrupted; it must not keep the process alive.
            thread.setDaemon(true);
            thread.start();
            while (!lines.isDone()) {
                console.interrupts().pause(POLL);
            }
            console.progress().say("Sent " + lines.get() + " records");
        }
    }

    private void stay(Connection connection, JobWatch watch) throws Exception {
        try (WebDoors web = WebDoors.open(servers, connection, settings.topic())) {
            console.progress().say("\n" + web.links(connection));
            console.progress().say(Report.of(connection));
            console.progress().say(doors());
            if (options.traffic > 0) {
                web.simulate(connection, options.traffic);
                console.progress().say("Simulated visitors: " + options.traffic + " at a time\n");
            }
            if (options.showsSites()) {
                console.progress().say("Dashboards of all sites\n" + web.dashboards(connection));
            }
            console.progress().say("Ctrl-C stops the stack.");
            while (!console.interrupts().await(WATCH)) {
                watch.check();
            }
        }
    }

    private String doors() {
        return """
               Flink     %s
               Kafka     %s, topics %s and %s
               JDBC      %s, user %s
               psql      %s
               """
                .formatted(
                        servers.flink().webUi(),
                        servers.kafka().bootstrapServers(),
                        settings.topic(),
                        settings.rejectedTopic(),
                        servers.postgres().jdbcUrl(),
                        EmbeddedPostgres.USER,
                        servers.postgres().psqlCommand());
    }

    private void stop(RunningJob job) throws IOException {
        console.progress().say("Stopping");
        job.stop();
    }
}
