package io.onevault.tracking.enrich;

import io.onevault.tracking.cache.LastUsed;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Shortens user agents to what is read of them, so that {@link UserAgents} reads the same of either
 * and nothing else is kept. Remembers those that were used last. Not thread-safe.
 */
public final class AgentSummaries {

    private final UserAgents agents = new UserAgents(1);
    private final Map<String, String> known;

    /**
     * @param most summaries to remember, at least 1
     */
    public AgentSummaries(int most) {
        this.known = new LastUsed<>(most);
    }

    /** The summary, whatever a client says that it has read itself; null without an agent. */
    public @Nullable String of(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isBlank()) {
            return null;
        }
        String summary = known.get(userAgent);
        if (summary == null) {
            summary = agents.read(userAgent).text();
            known.put(userAgent, summary);
        }
        return summary;
    }

    /** Forgets those that were used. */
    public void forget() {
        known.clear();
    }

    /**
     * Of a robot that it is one, and its kind; null of any other client.
     *
     * @param named whether the event names a visitor or a session
     */
    public @Nullable String ofRobot(@Nullable String userAgent, boolean named) {
        KnownAgent agent = KnownAgent.ofText(Objects.requireNonNullElse(of(userAgent), ""));
        return agent == null ? null : agent.robotText(named);
    }

    /** The agent as it came but for personal data, and where it looks like a summary. */
    public @Nullable String kept(@Nullable String userAgent) {
        return userAgent != null && KnownAgent.isText(userAgent)
                ? of(userAgent)
                : Redactor.redactNullable(userAgent);
    }
}
