package io.onevault.tracking.local;

import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The local stack's command line. */
final class StackOptions {

    private static final String STDIN = "-";
    private static final int MOST_SECONDS = 86_400;
    private static final int MOST_VISITORS = 10_000;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Play this file instead of the sample: one event a line; - for stdin.")
    @Nullable String input;

    @Option(names = "--no-sample", description = "Without --input: play nothing.")
    boolean noSample;

    @Option(
            names = "--register-tenants",
            description = "Register the tenants that the input names. Others are rejected.")
    boolean registerTenants;

    @Option(
            names = "--drain",
            description = {
                "Wait until everything is processed and every session is closed, print a summary"
                        + " as JSON and exit."
            })
    boolean drain;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = {
                "With --drain: when nothing has moved for so long, say what is waited for and exit"
                        + " with code 3. Default: 300."
            })
    int patienceSeconds = (int) Patience.DEFAULT.toSeconds();

    @Option(names = "--keep", description = "With --drain: stay up after the summary.")
    boolean keep;

    @Option(
            names = "--traffic",
            paramLabel = "N",
            description = {
                "Once the input is played, let N simulated visitors at a time come to six sites"
                        + " through the collector, until the stack is stopped. Default: 0."
            })
    int traffic;

    @Option(
            names = "--sessions-out",
            paramLabel = "FILE",
            description = "Write the current sessions to this file, one JSON object a line.")
    @Nullable Path sessionsOut;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = {
                "Set an option of the job, such as session.lateness=6h, or one of Flink, such as"
                        + " state.backend.type=rocksdb. May be repeated."
            })
    Map<String, String> set = new TreeMap<>();

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Keep all data here and continue from it. Default: a temporary folder.")
    @Nullable Path dataDir;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "2",
            description = "Partitions of a new events topic. Default: ${DEFAULT-VALUE}.")
    int partitions;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parallelism of the job. Default: ${DEFAULT-VALUE}.")
    int parallelism;

    @Option(
            names = "--ports",
            paramLabel = "DOOR=PORT",
            split = ",",
            description = {
                "Fixed ports: KAFKA=9092,POSTGRES=5432,WEB=8081,COLLECTOR=8080. Default: those of"
                        + " the last run in --data-dir, else free ones."
            })
    Map<Endpoint, Integer> ports = new TreeMap<>();

    /**
     * @throws UsageException on what can be seen to be wrong before anything starts
     */
    void check() {
        UsageException.requireRange("--partitions", partitions, 1, 1_000);
        UsageException.requireRange("--parallelism", parallelism, 1, 128);
        UsageException.requireRange("--patience", patienceSeconds, 1, MOST_SECONDS);
        UsageException.requireRange("--traffic", traffic, 0, MOST_VISITORS);
        if (traffic > 0 && drain && !keep) {
            throw new UsageException("--traffic needs a stack that stays up: add --keep");
        }
        Path file = inputFile();
        if (file != null && !Files.isReadable(file)) {
            throw new UsageException("--input " + input + ": no such file, or not readable");
        }
        if (file != null && Files.isDirectory(file)) {
            throw new UsageException("--input " + input + " is a folder");
        }
        if (sessionsOut != null) {
            requireWritable(sessionsOut);
        }
    }

    private static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
            throw new UsageException("--sessions-out " + file + " cannot be written");
        }
    }

    /** The file to play, or null for stdin, the sample or nothing. */
    @Nullable Path inputFile() {
        return input == null || readsStdin() ? null : Path.of(input);
    }

    boolean readsStdin() {
        return STDIN.equals(input);
    }

    boolean playsSample() {
        return input == null && !noSample;
    }

    /** Whether there are the sample's sites, to which simulated visitors come, too. */
    boolean showsSites() {
        return traffic > 0 || playsSample();
    }

    DataDirectory openDataDirectory() throws IOException {
        return dataDir == null ? DataDirectory.temporary() : DataDirectory.keptAt(dataDir);
    }
}
