package io.onevault.tracking.local;

import java.io.IOException;

/** What was waited for moves no more; its message says what that was (exit code 3). */
final class StandstillException extends IOException {

    private static final long serialVersionUID = 1;

    StandstillException(String message) {
        super(message);
    }
}
