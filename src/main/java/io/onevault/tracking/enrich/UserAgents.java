package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Device;
import java.util.LinkedHashMap;
import java.util.List;
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

    private static final String UNMATCHED = "Other";

    // -- configuration
    private final Parser parser = new Parser();
    private final AgentTypes types = new AgentTypes();
    private final Map<String, String> browserNames;
    private final Map<String, String> osNames;

    // -- runtime
    private final Map<String, Device> cache;

    /**
     * @param cacheSize most agents to remember, at least 1
     */
    public UserAgents(int cacheSize) {
        if (cacheSize < 1) {
            throw new IllegalArgumentException("cacheSize=" + cacheSize + " is less than 1");
        }
        List<String[]> names = ReferenceList.rows("agent-names.csv", 3);
        browserNames = ReferenceList.pairs(names, "browser");
        osNames = ReferenceList.pairs(names, "os");
        cache = new LeastRecentlyUsed(cacheSize);
    }

    /** What the agent says of its device; {@link Device#UNKNOWN} when it is null or blank. */
    public Device parse(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isBlank()) {
            return Device.UNKNOWN;
        }
        String agent =
                userAgent.length() > MAX_CHARS ? userAgent.substring(0, MAX_CHARS) : userAgent;
        synchronized (cache) {
            Device known = cache.get(agent);
            if (known != null) {
                return known;
            }
        }
        Device device = read(agent);
        synchronized (cache) {
            cache.put(agent, device);
        }
        return device;
    }

    private Device read(String agent) {
        String type = types.of(agent.toLowerCase(Locale.ROOT));
        UserAgent browser = parser.parseUserAgent(agent);
        OS os = parser.parseOS(agent);
        return new Device(
                type,
                name(browser.family, browserNames),
                browser.major,
                name(os.family, osNames),
                os.major,
                type.equals(AgentTypes.BOT));
    }

    private static @Nullable String name(@Nullable String family, Map<String, String> names) {
        return family == null || family.equals(UNMATCHED)
                ? null
                : names.getOrDefault(family, family);
    }

    /** A map in order of access that forgets its eldest entry when it is full. */
    private static final class LeastRecentlyUsed extends LinkedHashMap<String, Device> {

        private static final float LOAD_FACTOR = 0.75f;

        private final int size;

        LeastRecentlyUsed(int size) {
            super(16, LOAD_FACTOR, true);
            this.size = size;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Device> eldest) {
            return size() > size;
        }
    }
}
