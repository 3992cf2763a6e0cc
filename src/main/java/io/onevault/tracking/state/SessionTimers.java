package io.onevault.tracking.state;

/**
 * The timers that are set for a key.
 *
 * @param firing processing time at which a change is published, epoch milliseconds; 0: none
 * @param closing event time at which the next session closes or all are over, epoch milliseconds
 */
public record SessionTimers(long firing, long closing) {

    public static final long NONE = 0;
}
