package io.onevault.tracking.enrich;

import java.util.List;

/** Tells robots, consoles, televisions, tablets, phones and desktops apart by agent-types.csv. */
final class AgentTypes {

    static final String BOT = "bot";

    private static final String OTHER = "other";

    private final List<String[]> rules = ReferenceList.rows("agent-types.csv", 3);

    /**
     * The type of a device, or {@code other}.
     *
     * @param agent user agent in lower case
     */
    String of(String agent) {
        for (String[] rule : rules) {
            boolean matches =
                    rule[1].equals("prefix") ? agent.startsWith(rule[2]) : agent.contains(rule[2]);
            if (matches) {
                return rule[0];
            }
        }
        return OTHER;
    }
}
