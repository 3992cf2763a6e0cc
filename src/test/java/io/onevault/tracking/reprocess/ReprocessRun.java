package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * A run of the command line in this JVM, with a Flink cluster of its own.
 *
 * @param errors what it told people
 */
public record ReprocessRun(int exitCode, String output, List<String> errors) {

    /** Name of the job of a build. */
    public static final String BUILD = Build.JOB;

    /**
     * Whether the program knows all of it.
     *
     * @param words the first of them the program's name
     */
    public static void parse(String... words) {
        new CommandLine(new Reprocess(System.out, Map.of()))
                .parseArgs(Arrays.copyOfRange(words, 1, words.length));
    }

    /** What every command that takes a savepoint does with it first. */
    public static void open(Path savepoint) {
        Savepoint.open(savepoint.toString());
    }

    /** What a savepoint is written as. */
    public static String kind(String savepoint) {
        return Savepoint.open(savepoint).kind();
    }

    /** A switch, as far as it comes before it looks at the second run. */
    public static void toSwitch(Connection connection, Map<String, String> settings)
            throws Exception {
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address())) {
            Jobs jobs = new Jobs(flink, JobSettings.of(settings), "");
            new Switch(new Runs(connection), jobs, told -> {}, 0).run(null);
        }
    }

    /**
     * @param settings of the job
     */
    public static ReprocessRun of(Map<String, String> settings, String... command) {
        List<String> arguments = new ArrayList<>(List.of(command));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        List<String> errors = new ArrayList<>();
        PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);
        int exitCode =
                Program.run(
                        new Reprocess(out, System.getenv()),
                        out,
                        errors::add,
                        arguments.toArray(new String[0]));
        return new ReprocessRun(exitCode, output.toString(StandardCharsets.UTF_8), errors);
    }
}
