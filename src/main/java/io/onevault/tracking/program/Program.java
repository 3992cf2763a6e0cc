package io.onevault.tracking.program;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Runs the command line of a program. All of ours have the same help, errors and exit codes. */
public final class Program {

    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    /** A server can't be reached, or nothing moves any more. */
    public static final int AWAY = 3;

    /** What was to be checked does not hold. */
    public static final int VIOLATED = 4;

    /** Stopped by Ctrl-C or a kill before it was done. */
    public static final int STOPPED = 130;

    private static final String EXIT_CODES =
            "%nExit codes: 0 done, 1 failed, 2 bad arguments, 3 a server is not reached or nothing"
                    + " moves any more, 4 what is checked does not hold, 130 stopped before it was"
                    + " done.";

    private Program() {}

    /** Runs a command by the process's arguments and ends the process. */
    public static void main(Object command, String... args) {
        System.exit(run(command, System.out, System.err::println, args));
    }

    /**
     * Runs a command and returns its exit code; never throws.
     *
     * @param out results, help and version
     * @param say takes everything else, for people
     */
    public static int run(Object command, PrintStream out, Consumer<String> say, String... args) {
        return run(commandLine(command), out, say, args);
    }

    private static int run(
            CommandLine line, PrintStream out, Consumer<String> say, String... args) {
        JobConfig.declareProperties(line.getCommandSpec(), args);
        line.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, given) -> refuse(say, words(e)))
                .setExecutionExceptionHandler((e, failed, result) -> fail(say, e));
        try {
            return line.execute(args);
        } catch (LinkageError | OutOfMemoryError e) {
            // Such as a class path that does not fit: without a word the process would hang.
            say.accept("Failed: " + e);
            return FAILED;
        }
    }

    /** What all of our command lines have. */
    public static CommandLine commandLine(Object command) {
        CommandLine line = new CommandLine(command);
        complete(line.getCommandSpec());
        line.getSubcommands().values().forEach(sub -> complete(sub.getCommandSpec()));
        return line;
    }

    private static void complete(CommandSpec spec) {
        spec.mixinStandardHelpOptions(true).version("site-tracking " + Version.ofThisBuild());
        spec.usageMessage().autoWidth(true).sortOptions(false).footer(EXIT_CODES);
    }

    /** Of an option without a key picocli says so twice. */
    private static String words(ParameterException wrong) {
        return String.valueOf(wrong.getMessage()).replace("option option ", "option ");
    }

    private static int fail(Consumer<String> say, Exception failure) {
        if (failure instanceof UsageException) {
            return refuse(say, failure.getMessage());
        }
        if (failure instanceof ProgramException known) {
            boolean stopped = known.exitCode() == STOPPED;
            say.accept((stopped ? "" : "Failed: ") + known.getMessage());
            return known.exitCode();
        }
        say.accept("Failed: " + ErrorLine.of(failure));
        return FAILED;
    }

    private static int refuse(Consumer<String> say, String message) {
        say.accept(message + "; see --help");
        return USAGE;
    }
}
