package io.onevault.tracking.program;

import java.sql.SQLException;

/** A failure as one line for people, without a stack trace. */
public final class ErrorLine {

    private static final int MAX_CHARS = 400;

    private ErrorLine() {}

    /** The root cause; of databases what the driver says, which names their address. */
    public static String of(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SQLException)) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? "" : root.getMessage().strip();
        String line = message.lines().findFirst().orElse("");
        String text = root.getClass().getSimpleName() + (line.isEmpty() ? "" : ": " + line);
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }
}
