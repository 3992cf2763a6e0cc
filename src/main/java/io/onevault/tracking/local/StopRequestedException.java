package io.onevault.tracking.local;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;

/** Somebody asked the stack to stop before it was done. */
public final class StopRequestedException extends ProgramException {

    private static final long serialVersionUID = 1;

    public StopRequestedException() {
        super(Program.STOPPED, "Stopped before everything was processed", null);
    }
}
