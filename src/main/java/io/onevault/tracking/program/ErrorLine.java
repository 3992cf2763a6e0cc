package io.onevault.tracking.program;

import java.sql.SQLException;

/** A failure as one line for people, without a stack trace. */
public final class ErrorLine {

    private static final int MAX_CHARS = 400;

    private static final String CAUSE = "Caused by: ";

    private ErrorLine() {}

    /** The root cause; of databases what the driver says, which names their address. */
    public static String of(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SQLException)) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? "" : root.getMessage().strip();
        String line = message.lines().findFirst().orElse("");
        return cut(root.getClass().getSimpleName() + (line.isEmpty() ? "" : ": " + line));
    }

    /** The same of a stack trace, as another process printed it. */
    public static String ofTrace(String trace) {
        String first = trace.lines().findFirst().orElse("");
        String root =
                trace.lines()
                        .filter(line -> line.startsWith(CAUSE))
                        .reduce(first, (before, cause) -> cause.substring(CAUSE.length()));
        // Without the package, as of those of this process.
        return cut(root.replaceFirst("^(?:[\\w$]+\\.)+", ""));
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }
}
