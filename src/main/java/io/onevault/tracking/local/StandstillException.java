package io.onevault.tracking.local;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;

/** What was waited for moves no more; its message says what that was. */
final class StandstillException extends ProgramException {

    private static final long serialVersionUID = 1;

    StandstillException(String message) {
        super(Program.AWAY, message, null);
    }
}
