package io.onevault.tracking.event;

/** Limits of the event contract; the JSON Schema and docs/event-contract.md state the same. */
public final class Limits {

    /** Longest record, in bytes. */
    public static final int RECORD_BYTES = 65_536;

    /** Deepest nesting of JSON. */
    public static final int DEPTH = 32;

    /** Longest id (tenant, event, session, visitor, user, page view, item, transaction). */
    public static final int ID_CHARS = 200;

    /** Longest event type. */
    public static final int TYPE_CHARS = 100;

    /** Longest URL; longer ones are cut and flagged. */
    public static final int URL_CHARS = 2_048;

    /** Longest other text; longer ones are cut and flagged. */
    public static final int TEXT_CHARS = 500;

    /** Most items in one event. */
    public static final int ITEMS = 100;

    private Limits() {}
}
