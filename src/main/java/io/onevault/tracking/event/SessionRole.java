package io.onevault.tracking.event;

/**
 * How an event takes part in sessions, by its tenant's settings at admission.
 *
 * @param gapMillis longest silence within a session
 * @param conversion whether the event is a purchase or one of the tenant's goals
 * @param late whether the event was received too long after it occurred to join a session
 */
public record SessionRole(long gapMillis, boolean conversion, boolean late) {}
