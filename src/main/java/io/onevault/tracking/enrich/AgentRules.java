package io.onevault.tracking.enrich;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A reference list of rules on user agents: the first one whose token is in the agent decides. */
final class AgentRules {

    static final int COLUMNS = 3;

    private final List<Rule> rules = new ArrayList<>();

    /**
     * @param rows a result, a place (contains, prefix, suffix or regex), and a token
     */
    AgentRules(List<String[]> rows) {
        for (String[] row : rows) {
            rules.add(new Rule(row[0], row[1], row[2]));
        }
    }

    /** The rules of a reference list. */
    static AgentRules of(String list) {
        return new AgentRules(ReferenceList.rowsOfText(list, COLUMNS));
    }

    /**
     * The result of the first rule that holds, or null.
     *
     * @param agent user agent, in lower case for lists in lower case
     */
    @Nullable String find(String agent) {
        for (Rule rule : rules) {
            if (rule.holds(agent)) {
                return rule.result;
            }
        }
        return null;
    }

    /** One line of a list. */
    private static final class Rule {

        private final String result;
        private final String place;
        private final String token;
        private final @Nullable Pattern pattern;

        Rule(String result, String place, String token) {
            this.result = result;
            this.place = place;
            this.token = token;
            this.pattern = place.equals("regex") ? Pattern.compile(token) : null;
        }

        boolean holds(String agent) {
            return switch (place) {
                case "contains" -> agent.contains(token);
                case "prefix" -> agent.startsWith(token);
                case "suffix" -> agent.endsWith(token);
                default -> pattern != null && BoundedText.find(pattern, agent);
            };
        }
    }
}
