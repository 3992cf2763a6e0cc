package io.onevault.tracking.event;

/** The event types that carry meaning for sessions. Any other type is a custom event. */
public final class EventType {

    public static final String PAGE_VIEW = "page_view";
    public static final String PAGE_PING = "page_ping";

    /** The action of a {@link #PAGE_PING} that tells how long a page view was seen in all. */
    public static final String LEAVE = "leave";

    /** The speed of a page view, which a later one of the view tells anew. */
    public static final String WEB_VITALS = "web_vitals";

    public static final String PURCHASE = "purchase";
    public static final String REFUND = "refund";
    public static final String TRANSACTION_STEP = "transaction_step";

    /** The action of a {@link #TRANSACTION_STEP} that completes a transaction. */
    public static final String COMPLETE = "complete";

    /** What the collector sends in place of an event that may not be kept, for the count. */
    public static final String NOT_KEPT = "not_kept";

    private EventType() {}
}
