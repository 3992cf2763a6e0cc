package io.onevault.tracking.local;

/** Something the user can put right; its message is the one line that says how (exit code 2). */
public final class UsageException extends RuntimeException {

    public UsageException(String message) {
        super(message);
    }
}
