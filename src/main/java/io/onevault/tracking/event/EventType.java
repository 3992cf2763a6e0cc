package io.onevault.tracking.event;

import java.util.Set;

/** The event types that carry meaning for sessions. Any other type is a custom event. */
public final class EventType {

    public static final String PAGE_VIEW = "page_view";
    public static final String PAGE_PING = "page_ping";
    public static final String PURCHASE = "purchase";
    public static final String TRANSACTION_STEP = "transaction_step";

    /** The action of a {@link #TRANSACTION_STEP} that completes a transaction. */
    public static final String COMPLETE = "complete";

    /** Types that happen without the visitor doing anything. */
    private static final Set<String> PASSIVE =
            Set.of(
                    PAGE_VIEW,
                    PAGE_PING,
                    "scroll",
                    "page_leave",
                    "page_exit",
                    "performance",
                    "error");

    private EventType() {}

    /** Whether an event of this type shows that the visitor did something on purpose. */
    public static boolean isInteractive(String type) {
        return !PASSIVE.contains(type);
    }
}
