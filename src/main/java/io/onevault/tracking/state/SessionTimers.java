package io.onevault.tracking.state;

/**
 * The timers that are set for a key.
 *
 * @param firing processing time at which a change is published, epoch milliseconds; 0: none
 * @param closing event time at which the next session closes or all are over, epoch milliseconds
 * @param unpublished whether nothing of the key was published or settled yet, so that it need not
 *     be looked up; false in state of earlier versions, whatever it was
 */
public record SessionTimers(long firing, long closing, boolean unpublished) {

    public static final long NONE = 0;
}
