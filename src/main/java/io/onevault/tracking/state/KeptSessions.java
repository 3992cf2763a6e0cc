package io.onevault.tracking.state;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is kept of the sessions of a key.
 *
 * @param key of the state
 * @param events those of sessions that may still change
 * @param published what was published of these sessions, by business key
 * @param settled what events to come need to know of those dropped; null: nothing
 */
public record KeptSessions(
        String key,
        List<SessionEvent> events,
        Map<String, PublishedSession> published,
        @Nullable SettledSession settled,
        SessionTimers timers) {}
