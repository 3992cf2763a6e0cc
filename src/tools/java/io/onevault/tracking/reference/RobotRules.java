package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Turns the expressions of public lists of robots into lines of our own form. */
final class RobotRules {

    private static final String LEAVE_OUT = "drop";
    private static final String ADD = "add-";
    private static final String ADD_WORD = "word-";
    private static final String OTHER = "other";

    /** What says less than others comes last: programs may act for somebody. */
    private static final List<String> LAST_KINDS = List.of(OTHER, "server", "app");

    private static final String SYNTAX = "\\^$.|?*+()[]{}";

    /** What others call it, and what we do; the first tag of a robot that is named here counts. */
    private static final Map<String, String> KINDS =
            Map.ofEntries(
                    Map.entry("ai-crawler", "ai"),
                    Map.entry("search-engine", "search"),
                    Map.entry("monitoring", "monitor"),
                    Map.entry("social-preview", "preview"),
                    Map.entry("feed-reader", "feed"),
                    Map.entry("seo", "seo"),
                    Map.entry("advertising", "ads"),
                    Map.entry("archiver", "archive"),
                    Map.entry("scanner", "scanner"),
                    Map.entry("academic", "research"),
                    Map.entry("browser-automation", "tool"),
                    // Ours, as they may act for somebody: http-libraries.csv.
                    Map.entry("http-library", LEAVE_OUT));

    private static final List<String> STRONGEST_FIRST = List.of("ai-crawler", "social-preview");

    private final Map<String, String> exceptions = new HashMap<>();
    private final List<String> additions = new ArrayList<>();
    private final List<String> moreWords = new ArrayList<>();
    private final Set<String> unused = new TreeSet<>();

    /**
     * @param lines {@code drop}, or what a robot is for, or that after {@code add-} or {@code
     *     word-}, and an expression
     */
    RobotRules(List<String> lines) {
        for (String line : lines) {
            int comma = line.indexOf(',');
            String kind = line.substring(0, comma);
            String expression = line.substring(comma + 1);
            if (kind.startsWith(ADD)) {
                additions.add(kind.substring(ADD.length()) + ',' + rule(expression));
            } else if (kind.startsWith(ADD_WORD)) {
                moreWords.add(kind.substring(ADD_WORD.length()) + ',' + rule(expression));
            } else {
                exceptions.put(expression, kind);
                unused.add(expression);
            }
        }
    }

    /** The rules of robot-exceptions.csv. */
    static RobotRules load() throws IOException {
        return new RobotRules(
                ReferenceFile.lines(ReferenceLists.exceptions("robot-exceptions.csv")));
    }

    /** Exceptions from expressions that no list had. */
    Set<String> unused() {
        return unused;
    }

    /** Lines for robots that are known by name; long names first, as they say more. */
    List<String> named(JsonNode crawlers) {
        Set<String> lines = new LinkedHashSet<>(additions);
        for (JsonNode crawler : crawlers) {
            String expression = crawler.path("pattern").asText();
            String kind = exception(expression, kind(crawler.path("tags")));
            if (!kind.equals(LEAVE_OUT)) {
                lines.add(kind + ',' + rule(expression));
            }
        }
        List<String> sorted = new ArrayList<>(lines);
        sorted.sort((a, b) -> token(b).length() - token(a).length());
        return sorted;
    }

    /** Lines for what robots' agents have in common; those that say what they are for first. */
    List<String> words(JsonNode expressions) {
        Set<String> lines = new LinkedHashSet<>(moreWords);
        for (JsonNode node : expressions) {
            String expression = node.asText();
            String kind = exception(expression, OTHER);
            if (!kind.equals(LEAVE_OUT)) {
                lines.add(kind + ',' + rule(expression));
            }
        }
        List<String> sorted = new ArrayList<>(lines);
        sorted.sort(Comparator.comparingInt(RobotRules::place));
        return sorted;
    }

    private String exception(String expression, String otherwise) {
        unused.remove(expression);
        return exceptions.getOrDefault(expression, otherwise);
    }

    private static int place(String line) {
        return LAST_KINDS.indexOf(line.substring(0, line.indexOf(',')));
    }

    /** Place and token of an expression: a plain text where it is one. */
    static String rule(String expression) {
        boolean prefix = expression.startsWith("^");
        String rest = prefix ? expression.substring(1) : expression;
        boolean suffix = rest.endsWith("$") && !rest.endsWith("\\$");
        String plain = plain(suffix ? rest.substring(0, rest.length() - 1) : rest);
        if (plain == null || (prefix && suffix)) {
            Pattern.compile(expression);
            return "regex," + expression;
        }
        String place = prefix ? "prefix" : suffix ? "suffix" : "contains";
        return place + ',' + plain;
    }

    /** The text that the expression stands for, or null when it stands for more than one. */
    private static String plain(String expression) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '\\' && i + 1 < expression.length()) {
                c = expression.charAt(++i);
                if (Character.isLetterOrDigit(c)) {
                    return null;
                }
            } else if (SYNTAX.indexOf(c) >= 0) {
                return null;
            }
            text.append(c);
        }
        return text.toString();
    }

    private static String kind(JsonNode tags) {
        Set<String> names = new LinkedHashSet<>();
        tags.forEach(tag -> names.add(tag.asText()));
        for (String strong : STRONGEST_FIRST) {
            if (names.contains(strong)) {
                return KINDS.get(strong);
            }
        }
        return names.isEmpty() ? OTHER : KINDS.getOrDefault(names.iterator().next(), OTHER);
    }

    private static String token(String line) {
        return line.substring(line.indexOf(',', line.indexOf(',') + 1) + 1);
    }
}
