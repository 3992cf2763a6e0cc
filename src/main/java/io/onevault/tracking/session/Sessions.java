package io.onevault.tracking.session;

import io.onevault.tracking.state.SessionEvent;
import java.util.List;

/**
 * The outcome for one key.
 *
 * @param sessions in the order of their start
 * @param unassigned events that make no session: page pings that found none to extend
 */
public record Sessions(List<Session> sessions, List<SessionEvent> unassigned) {}
