package io.onevault.tracking.local;

/** Somebody asked the stack to stop before it was done. */
final class StopRequestedException extends Exception {

    StopRequestedException() {
        super("Stopped before everything was processed");
    }
}
