package io.onevault.tracking.local;

import io.onevault.tracking.program.Program;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Where the stack reads from and writes to, and how it is asked to stop.
 *
 * @param out results only, for programs
 * @param progress everything else, for people
 */
public record Console(InputStream in, PrintStream out, Progress progress, Interrupts interrupts) {

    /** Runs a command on the console of this process, and ends the process. */
    public static void main(Function<Console, Callable<Integer>> command, String... args) {
        Interrupts interrupts = new Interrupts();
        interrupts.listen();
        Progress progress = new Progress(System.err, System.console() != null);
        Console console = new Console(System.in, System.out, progress, interrupts);
        int code = console.run(command.apply(console), args);
        System.out.flush();
        // The servers' pools keep non-daemon threads for a while after they were closed, and at an
        // orderly exit Maven would write behind the result, which is to be the last line.
        Runtime.getRuntime().halt(code);
    }

    /** Runs a command and returns the exit code; never throws and never ends the process. */
    public int run(Callable<Integer> command, String... args) {
        return Program.run(command, out, progress::say, args);
    }
}
