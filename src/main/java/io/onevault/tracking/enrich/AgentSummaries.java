package io.onevault.tracking.enrich;

import io.onevault.tracking.cache.LastUsed;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shortens user agents to what is read of them, so that {@link UserAgents} reads the same of either
 * and nothing else is kept. Remembers those that were used last. Not thread-safe.
 */
public final class AgentSummaries {

    private final UserAgents agents = new UserAgents(1);
    private final Map<String, Summary> known;

    /**
     * @param robot what {@link #ofRobot} tells where an event names somebody
     * @param unnamedRobot the same where it does not
     */
    private record Summary(String text, @Nullable String robot, @Nullable String unnamedRobot) {

        static Summary of(String text) {
            KnownAgent agent = KnownAgent.ofText(text);
            return agent == null
                    ? new Summary(text, null, null)
                    : new Summary(text, agent.robotText(true), agent.robotText(false));
        }
    }

    /**
     * @param most summaries to remember, at least 1
     */
    public AgentSummaries(int most) {
        this.known = new LastUsed<>(most);
    }

    /** The summary, whatever a client says that it has read itself; null without an agent. */
    public @Nullable String of(@Nullable String userAgent) {
        Summary summary = summary(userAgent);
        return summary == null ? null : summary.text();
    }

    private @Nullable Summary summary(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isBlank()) {
            return null;
        }
        Summary summary = known.get(userAgent);
        if (summary == null) {
            summary = Summary.of(agents.read(userAgent).text());
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
        Summary summary = summary(userAgent);
        if (summary == null) {
            return null;
        }
        return named ? summary.robot() : summary.unnamedRobot();
    }

    /** The agent as it came but for personal data, and where it looks like a summary. */
    public @Nullable String kept(@Nullable String userAgent) {
        return userAgent != null && KnownAgent.isText(userAgent)
                ? of(userAgent)
                : Redactor.redactNullable(userAgent);
    }
}
