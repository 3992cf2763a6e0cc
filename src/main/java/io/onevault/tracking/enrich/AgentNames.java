package io.onevault.tracking.enrich;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names browsers, or systems, as this project writes them, by agent-names.csv. */
final class AgentNames {

    private static final String UNMATCHED = "Other";

    private final Map<String, String> names;
    private final List<String[]> tokens = new ArrayList<>();

    /** What browsers say whatever their version is; it tells none. */
    private final List<String> frozen = new ArrayList<>();

    /**
     * @param kind browser or os
     */
    AgentNames(String kind) {
        List<String[]> rows = ReferenceList.rows("agent-names.csv", 3);
        names = ReferenceList.pairs(rows, kind);
        for (String[] row : rows) {
            if (row[0].equals(kind + "-token")) {
                tokens.add(row);
            } else if (row[0].equals(kind + "-frozen")) {
                frozen.add(row[1]);
            }
        }
    }

    /**
     * A browser or a system.
     *
     * @param version major version
     */
    record Name(@Nullable String name, @Nullable String version) {}

    /** What the agent says, before what a parser that may not know it has found in it. */
    Name of(String agent, @Nullable String family, @Nullable String major) {
        for (String[] row : tokens) {
            int at = agent.indexOf(row[1]);
            if (at >= 0) {
                return new Name(row[2], major(agent, at + row[1].length()));
            }
        }
        String version = frozen.stream().anyMatch(agent::contains) ? null : major;
        if (family == null || family.equals(UNMATCHED)) {
            return new Name(null, version);
        }
        return new Name(names.getOrDefault(family, family), version);
    }

    /** The digits after a token and at most one character between. */
    private static @Nullable String major(String agent, int from) {
        int start = Chars.isDigitAt(agent, from) ? from : from + 1;
        int end = start;
        while (Chars.isDigitAt(agent, end)) {
            end++;
        }
        return end > start ? agent.substring(start, end) : null;
    }
}
