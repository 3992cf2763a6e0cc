package io.onevault.tracking.event;

/** How much of an event is kept, by consent and its tenant's policy; stored by name. */
public enum Keeping {
    /** All of it, free of personal data as any event. */
    FULL,
    /** Without visitor, ids, agent and network. */
    ANONYMOUS,
    /** Nothing but that it was there; of an event that comes once more, nothing any more. */
    NOTHING
}
