package io.onevault.tracking.session;

/** What a published version of a session says; stored by name. */
public enum SessionStatus {
    /** Events may still join in the normal course of time. */
    OPEN,
    /** The watermark has passed the session's end and its gap. */
    CLOSED,
    /** Late events showed that the session does not exist; its successors are named. */
    SUPERSEDED
}
