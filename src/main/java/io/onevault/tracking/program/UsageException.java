package io.onevault.tracking.program;

/** An argument that the user can put right; its message says how. */
public final class UsageException extends ProgramException {

    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(Program.USAGE, message, null);
    }

    /** Throws when the number is not within the bounds, both of them included. */
    public static void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(
                    option + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
