package io.onevault.tracking.collector;

import java.io.Serial;

/** A request that is not served: its status, and the code and sentence that its sender is told. */
final class Refused extends RuntimeException {

    @Serial private static final long serialVersionUID = 1;

    private static final int RETRY_SECONDS = 5;
    private static final String TOO_LARGE = "PAYLOAD_TOO_LARGE";
    private static final String NO_LENGTH = "LENGTH_REQUIRED";

    private final int status;
    private final String code;
    private final int retryAfterSeconds;

    private Refused(int status, String code, String message, int retryAfterSeconds) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    static Refused because(int status, String code, String message) {
        return new Refused(status, code, message, 0);
    }

    /** What can't be done now and may be tried again. */
    static Refused later(String code, String message) {
        return new Refused(503, code, message, RETRY_SECONDS);
    }

    /** What HTTP itself forbids, by its status. */
    static Refused unread(int status) {
        return switch (status) {
            case 408 -> because(status, "TOO_SLOW", "The request did not come in time.");
            case 413 -> because(status, TOO_LARGE, "The body is too long.");
            case 414, 431 -> because(status, "HEAD_TOO_LARGE", "The request's head is too long.");
            case 500 -> because(status, "INTERNAL_ERROR", "The log has the reason.");
            case 503 -> later("STOPPING", "The collector stops; try another one.");
            default -> because(status, "BAD_REQUEST", "The request can't be read.");
        };
    }

    /** A body beyond what its door takes. */
    static Refused tooLong(int most) {
        return because(413, TOO_LARGE, "A body has at most " + most + " bytes.");
    }

    /** A body whose end is not told at all. */
    static Refused withoutLength() {
        return because(411, NO_LENGTH, "A body tells its Content-Length.");
    }

    /** A body in chunks, well cut or not. */
    static Refused inChunks() {
        return because(400, NO_LENGTH, "A body tells its Content-Length; none comes in chunks.");
    }

    /** Too much at once. */
    static Refused tooMany(int retryAfterSeconds, String message) {
        return tooMany("TOO_MANY_REQUESTS", retryAfterSeconds, message);
    }

    /** Too much at once of one party. */
    static Refused tooMany(String code, int retryAfterSeconds, String message) {
        return new Refused(429, code, message, retryAfterSeconds);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** Seconds after which it may be tried again; 0 when that is no use. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
