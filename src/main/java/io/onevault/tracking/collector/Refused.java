package io.onevault.tracking.collector;

import java.io.Serial;

/** A request that is not served: its status, and the code and sentence that its sender is told. */
final class Refused extends RuntimeException {

    @Serial private static final long serialVersionUID = 1;

    private static final int RETRY_SECONDS = 5;

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

    /** Too much at once. */
    static Refused tooMany(int retryAfterSeconds) {
        return new Refused(
                429,
                "TOO_MANY_REQUESTS",
                "More events than this key or address may send; try again later.",
                retryAfterSeconds);
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
