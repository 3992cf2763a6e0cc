package io.onevault.tracking.session;

import java.time.Duration;

/**
 * The rules that hold for all tenants; the gap comes with the events.
 *
 * @param maxDuration a session ends this long after its start
 * @param maxEvents a session ends with this many events
 */
public record SessionRules(Duration maxDuration, int maxEvents) {

    /** Stored with every session: which rules made it. */
    public static final short VERSION = 1;

    public static final SessionRules DEFAULT = new SessionRules(Duration.ofHours(24), 10_000);
}
