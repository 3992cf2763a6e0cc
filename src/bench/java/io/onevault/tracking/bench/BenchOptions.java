package io.onevault.tracking.bench;

import io.onevault.tracking.job.PartialJob.Part;
import io.onevault.tracking.program.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The command line of the benchmark. */
final class BenchOptions {

    private static final int MOST_EVENTS = 100_000_000;
    private static final int MOST_SECONDS = 86_400;
    private static final int MOST_PARTITIONS = 1_000;
    private static final int MOST_PARALLELISM = 128;

    /** Where Flink keeps keyed state. */
    enum StateBackend {
        HASHMAP,
        ROCKSDB
    }

    /** Other ways to load the same. */
    enum Other {
        TEXTBOOK,
        COPY
    }

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "300000",
            description = "How many records are generated. Default: ${DEFAULT-VALUE}.")
    int events;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0",
            description = {
                "Send so many records a second while the job runs and measure freshness. Default:"
                        + " all records are in the topic before the job starts."
            })
    int rate;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seed of the generator. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--tenants",
            paramLabel = "N",
            defaultValue = "3",
            description = "Tenants that the records are spread over. Default: ${DEFAULT-VALUE}.")
    int tenants;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "2",
            description = "Partitions of the topic. Default: ${DEFAULT-VALUE}.")
    int partitions;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parallelism of the job. Default: ${DEFAULT-VALUE}.")
    int parallelism;

    @Option(
            names = "--state-backend",
            paramLabel = "NAME",
            defaultValue = "ROCKSDB",
            description = "${COMPLETION-CANDIDATES}, in any case. Default: ${DEFAULT-VALUE}.")
    StateBackend stateBackend;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = {
                "Seconds after the job's start that the sustained rate and the costs leave out."
                        + " Default: ${DEFAULT-VALUE}."
            })
    int warmUpSeconds;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = {
                "Set an option of the job, such as load.batch-size=5000, or one of Flink, such as"
                        + " execution.checkpointing.interval=30s (default: 10 s). May be repeated."
            })
    Map<String, String> set = new TreeMap<>();

    @Option(
            names = "--compare",
            paramLabel = "LIST",
            split = ",",
            description = {
                "Load the same in other ways after the job: textbook (one JDBC sink a table, row by"
                        + " row, from the same topic) and copy (the very same rows by COPY, with"
                        + " and without indexes)."
            })
    Set<Other> compare = EnumSet.noneOf(Other.class);

    @Option(
            names = "--compare-events",
            paramLabel = "N",
            defaultValue = "0",
            description = {
                "How many records of the topic the textbook job is watched for. Default: all, but"
                        + " no longer than 180 s after the warm-up."
            })
    int compareEvents;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "1",
            description = {
                "Repeat everything on new servers and report medians. Default: ${DEFAULT-VALUE}."
            })
    int runs;

    @Option(
            names = "--against",
            paramLabel = "DIR",
            description = {
                "Measure the version of another clone, too, by turns with this one and each time in"
                        + " processes of their own; with --runs so many pairs. Reports medians of"
                        + " both, and of the ratios of pairs."
            })
    @Nullable Path against;

    @Option(
            names = "--without",
            paramLabel = "LIST",
            split = ",",
            description = {
                "Leave parts of the job out: loading (nothing but rejected events is written) or"
                        + " sessions (sessions are built, but not written). The books are not"
                        + " checked then."
            })
    Set<Part> without = EnumSet.noneOf(Part.class);

    @Option(
            names = "--event-time-rate",
            paramLabel = "R",
            defaultValue = "1000",
            description = {
                "Records a second of event time, where they are all in the topic before. Ten times"
                        + " as many sessions have events by turns. Default: ${DEFAULT-VALUE}."
            })
    int eventTimeRate;

    @Option(
            names = "--filled",
            paramLabel = "N",
            defaultValue = "0",
            description = {
                "Fill all tables with some N events of the days before, by SQL alone, before the"
                        + " job starts. Default: they are empty."
            })
    int filled;

    /**
     * @throws UsageException on a value that makes no sense
     */
    void check() {
        UsageException.requireRange("--events", events, 1, MOST_EVENTS);
        UsageException.requireRange("--rate", rate, 0, MOST_EVENTS);
        UsageException.requireRange("--compare-events", compareEvents, 0, events);
        UsageException.requireRange("--runs", runs, 1, MOST_PARTITIONS);
        UsageException.requireRange("--event-time-rate", eventTimeRate, 1, MOST_EVENTS);
        UsageException.requireRange("--filled", filled, 0, MOST_EVENTS);
        UsageException.requireRange("--tenants", tenants, 1, MOST_EVENTS);
        UsageException.requireRange("--partitions", partitions, 1, MOST_PARTITIONS);
        UsageException.requireRange("--parallelism", parallelism, 1, MOST_PARALLELISM);
        UsageException.requireRange("--warm-up", warmUpSeconds, 0, MOST_SECONDS);
        if (against != null && !Files.exists(against.resolve("pom.xml"))) {
            throw new UsageException("--against needs the folder of a clone");
        }
        if (!without.isEmpty() && !compare.isEmpty()) {
            throw new UsageException("--compare needs the whole job; leave out --without");
        }
        if (filled > 0 && !compare.isEmpty()) {
            throw new UsageException("--compare loads into empty tables; leave out --filled");
        }
    }

    /** Whether records are sent while the job runs. */
    boolean sendsAtRate() {
        return rate > 0;
    }
}
