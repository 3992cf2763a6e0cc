package io.onevault.tracking.enrich;

import java.util.List;

/** Readers of user agents that know other robots than those of robots.csv and robot-words.csv. */
public final class OtherRobots {

    private OtherRobots() {}

    /**
     * @param robots lines as in robots.csv
     * @param robotWords lines as in robot-words.csv
     */
    public static UserAgents reader(List<String> robots, List<String> robotWords) {
        return new UserAgents(1, new AgentClients(rules(robots), rules(robotWords)));
    }

    private static AgentRules rules(List<String> lines) {
        return new AgentRules(
                lines.stream().map(line -> line.split(",", AgentRules.COLUMNS)).toList());
    }
}
