package io.onevault.tracking.enrich;

import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.enrich.AgentClients.Client;
import io.onevault.tracking.event.Device;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import ua_parser.OS;
import ua_parser.Parser;
import ua_parser.UserAgent;

/**
 * Reads user agents and remembers the most recently used ones.
 *
 * <p>Thread-safe; building one takes about 0.3 s and 2 MB, so keep it for the operator's life.
 */
public final class UserAgents {

    /** Longer agents are cut: no real one is longer, and matching time grows with the length. */
    private static final int MAX_CHARS = 1_024;

    private static final String OTHER = "other";

    // -- configuration
    private final Parser parser = new Parser();
    private final AgentRules types = AgentRules.of("agent-types.csv");
    private final AgentClients clients;
    private final AgentNames browsers = new AgentNames("browser");
    private final AgentNames systems = new AgentNames("os");

    // -- runtime
    private final Map<String, KnownAgent> cache;

    /**
     * @param cacheSize most agents to remember, at least 1
     */
    public UserAgents(int cacheSize) {
        this(
                cacheSize,
                new AgentClients(AgentRules.of("robots.csv"), AgentRules.of("robot-words.csv")));
    }

    UserAgents(int cacheSize, AgentClients clients) {
        if (cacheSize < 1) {
            throw new IllegalArgumentException("cacheSize=" + cacheSize + " is less than 1");
        }
        this.clients = clients;
        cache = new LastUsed<>(cacheSize);
    }

    /**
     * What the agent says of its device; {@link Device#UNKNOWN} when it is null or blank.
     *
     * @param named whether the event names a visitor or a session: then an HTTP library acts for
     *     somebody, and is a server or an app, else it is a robot
     */
    public Device parse(@Nullable String userAgent, boolean named) {
        if (userAgent == null || userAgent.isBlank()) {
            return Device.UNKNOWN;
        }
        String agent = cut(userAgent);
        synchronized (cache) {
            KnownAgent known = cache.get(agent);
            if (known != null) {
                return known.of(named);
            }
        }
        KnownAgent known = KnownAgent.ofText(agent);
        if (known == null) {
            known = read(agent);
        }
        synchronized (cache) {
            cache.put(agent, known);
        }
        return known.of(named);
    }

    /** What the text of an agent says, also where it is none of {@link KnownAgent}. */
    KnownAgent read(String userAgent) {
        String agent = cut(userAgent);
        Client client = clients.of(agent);
        String type = types.find(agent.toLowerCase(Locale.ROOT));
        UserAgent parsed = parser.parseUserAgent(agent);
        OS parsedOs = parser.parseOS(agent);
        AgentNames.Name browser = browsers.of(agent, parsed.family, parsed.major);
        AgentNames.Name os = systems.of(agent, parsedOs.family, parsedOs.major);
        Device device =
                new Device(
                        type == null ? OTHER : type,
                        browser.name(),
                        browser.version(),
                        os.name(),
                        os.version(),
                        false,
                        client.type(),
                        null);
        return KnownAgent.of(device, client);
    }

    private static String cut(String userAgent) {
        return userAgent.length() > MAX_CHARS ? userAgent.substring(0, MAX_CHARS) : userAgent;
    }
}
