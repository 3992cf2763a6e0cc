package io.onevault.tracking.bench;

import io.onevault.tracking.bench.feed.Sending;
import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.bench.gauge.Rates;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.EarlyFirings;
import io.onevault.tracking.local.FlinkCluster;
import io.onevault.tracking.local.JobWatch;
import io.onevault.tracking.local.Offsets;
import io.onevault.tracking.local.RunningJob;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** One job on a cluster of its own, watched while it commits the records of the topic. */
final class BenchPass implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** Asking the cluster copies the job's whole graph: rarely, or the figures show the asking. */
    private static final Duration WATCH = Duration.ofSeconds(5);

    private static final long SECOND_NANOS = 1_000_000_000;

    // -- configuration
    private final BenchStage stage;
    private final DatabaseCounters database;
    private final FlinkCluster flink;
    private final RunningJob job;
    private final Offsets offsets;

    // -- runtime
    private final Rates rates = new Rates();
    private @Nullable Moment start;
    private @Nullable Moment warm;
    private @Nullable Moment end;

    private BenchPass(
            BenchStage stage,
            DatabaseCounters database,
            FlinkCluster flink,
            RunningJob job,
            Offsets offsets) {
        this.stage = stage;
        this.database = database;
        this.flink = flink;
        this.job = job;
        this.offsets = offsets;
    }

    /**
     * Submits a job and waits until all of its tasks run.
     *
     * @param group consumer group of the job
     */
    static BenchPass start(
            BenchStage stage,
            DatabaseCounters database,
            String group,
            Consumer<StreamExecutionEnvironment> definition)
            throws Exception {
        FlinkCluster flink = stage.startFlink("flink-" + group);
        stage.say("Starting the job " + group + "; web UI " + flink.webUi());
        RunningJob job = flink.submit(group, definition);
        Offsets offsets =
                new Offsets(
                        stage.kafka().admin(),
                        group,
                        stage.settings().topic(),
                        stage.options().partitions);
        BenchPass pass = new BenchPass(stage, database, flink, job, offsets);
        pass.awaitRunning();
        return pass;
    }

    private void awaitRunning() throws Exception {
        while (!job.runs()) {
            stage.console().interrupts().pause(POLL);
        }
        start = stage.moment(database);
    }

    RunningJob job() {
        return job;
    }

    /** Waits until all that follows from the committed records is in the database, too. */
    void awaitSettled(Connection connection) throws Exception {
        Console console = stage.console();
        new EarlyFirings(new JobWatch(job, console.progress()), console).await(connection);
    }

    /**
     * Waits until so many records are committed.
     *
     * @param mostSeconds after the warm-up, when to stop waiting
     * @param sending what sends them meanwhile; null when all are sent
     */
    void awaitCommitted(long records, long mostSeconds, @Nullable Sending sending)
            throws Exception {
        long started = System.nanoTime();
        long warmAt = started + stage.options().warmUpSeconds * SECOND_NANOS;
        long askAt = started;
        rates.add(started, 0);
        while (rates.last().committed() < records
                && (System.nanoTime() - warmAt) / SECOND_NANOS < mostSeconds) {
            stage.console().interrupts().pause(POLL);
            if (System.nanoTime() >= askAt) {
                requireWell(sending);
                askAt = System.nanoTime() + WATCH.toNanos();
            }
            long committed = offsets.committed();
            rates.add(System.nanoTime(), committed);
            if (warm == null && System.nanoTime() >= warmAt) {
                warm = stage.moment(database);
            }
            if (stage.console().progress().isDue()) {
                stage.console().progress().update("Committed %,d of %,d", committed, records);
            }
        }
        end = stage.moment(database);
    }

    private void requireWell(@Nullable Sending sending) throws Exception {
        job.requireAlive();
        if (sending != null) {
            sending.requireWell();
        }
    }

    Rates rates() {
        return rates;
    }

    /** When all tasks ran. */
    Moment started() {
        return read(start);
    }

    /** From when figures count: the end of the warm-up, or the start where it lasted too long. */
    Moment counted() {
        return warm == null ? started() : warm;
    }

    boolean isWarm() {
        return warm != null;
    }

    Moment ended() {
        return read(end);
    }

    private static Moment read(@Nullable Moment moment) {
        if (moment == null) {
            throw new IllegalStateException("not come to that moment yet");
        }
        return moment;
    }

    /** Ends the job where it is. */
    @Override
    public void close() throws IOException {
        offsets.close();
        flink.close();
    }
}
