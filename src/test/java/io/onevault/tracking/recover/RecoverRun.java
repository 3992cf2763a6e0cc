package io.onevault.tracking.recover;

import io.onevault.tracking.program.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One run of the command, and what it said. */
public record RecoverRun(int code, String out, String err) {

    public static RecoverRun of(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder err = new StringBuilder();
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code =
                Program.run(
                        new Recover(results, Map.of()),
                        results,
                        line -> err.append(line).append('\n'),
                        args);
        return new RecoverRun(code, out.toString(StandardCharsets.UTF_8), err.toString());
    }
}
