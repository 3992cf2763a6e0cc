package io.onevault.tracking.program;

import org.jspecify.annotations.Nullable;

/** Ends a program with an exit code; the message is all that its user needs to know. */
public class ProgramException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int exitCode;

    /**
     * @param exitCode one of those of {@link Program}
     */
    public ProgramException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
