package io.onevault.tracking.local;

/** Somebody asked the stack to stop before it was done. */
public final class StopRequestedException extends Exception {

    public StopRequestedException() {
        super("Stopped before everything was processed");
    }
}
