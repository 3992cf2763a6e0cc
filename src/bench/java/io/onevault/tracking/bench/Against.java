package io.onevault.tracking.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.bench.report.Pairs;
import io.onevault.tracking.local.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the benchmarks of two versions by turns, each in a process of its own, so that none finds a
 * warmer compiler or a quieter machine than the other.
 */
final class Against {

    private final List<String> command;
    private final Progress progress;

    /**
     * @param command runs the benchmark of the version in whose folder it is started
     */
    Against(List<String> command, Progress progress) {
        this.command = command;
        this.progress = progress;
    }

    /** The command that has Maven compile a version and run its benchmark. */
    static List<String> maven(List<String> arguments) {
        String home = System.getProperty("maven.home");
        return List.of(
                home == null ? "mvn" : Path.of(home, "bin", "mvn").toString(),
                "-q",
                "test-compile",
                "exec:java@bench",
                "-Dexec.args=" + String.join(" ", arguments));
    }

    /** What this version is told of the command line, the other one and the pairs left out. */
    static List<String> withoutPairs(List<String> arguments) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--against") || argument.equals("--runs")) {
                i++;
            } else if (!argument.startsWith("--against=") && !argument.startsWith("--runs=")) {
                kept.add(argument);
            }
        }
        return kept;
    }

    /** Runs pairs; which of the two begins changes by turns. */
    BenchReport run(Path here, Path other, int pairs) throws IOException, InterruptedException {
        Pairs measured = new Pairs();
        for (int pair = 0; pair < pairs; pair++) {
            BenchReport first = measure(pair % 2 == 0 ? other : here);
            BenchReport second = measure(pair % 2 == 0 ? here : other);
            if (pair % 2 == 0) {
                measured.add(second, first);
            } else {
                measured.add(first, second);
            }
        }
        return measured.report();
    }

    private BenchReport measure(Path folder) throws IOException, InterruptedException {
        // The empty path is this process' folder only once it is made absolute.
        Path absolute = folder.toAbsolutePath();
        progress.say("Measuring the version in " + absolute);
        Process process =
                new ProcessBuilder(command)
                        .directory(absolute.toFile())
                        .redirectError(Redirect.INHERIT)
                        .start();
        Thread end = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(end);
        String last = "";
        try (BufferedReader out = process.inputReader()) {
            last = out.lines().filter(line -> line.startsWith("{")).reduce("", (a, b) -> b);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            Runtime.getRuntime().removeShutdownHook(end);
        }
        int code = process.waitFor();
        if (last.isEmpty()) {
            throw new IllegalStateException(absolute + ": no report, exit code " + code);
        }
        return BenchReport.of(new ObjectMapper().readValue(last, new TypeReference<>() {}));
    }
}
