package io.onevault.tracking.enrich;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells robots, servers, apps and browsers apart. Rules: docs/enrichment.md. */
final class AgentClients {

    static final String ROBOT = "robot";

    private static final String BROWSER = "browser";
    private static final String APP = "app";
    private static final String SERVER = "server";
    private static final String TOOL = "tool";
    private static final String ANDROID = "Android ";

    private final AgentRules robots;
    private final AgentRules robotWords;
    private final AgentRules libraries = AgentRules.of("http-libraries.csv");
    private final AgentRules people = AgentRules.of("people.csv");
    private final AgentRules peopleWords = AgentRules.of("people-words.csv");

    /**
     * @param robots rules on robots' names
     * @param robotWords rules on what robots have in common, on agents in lower case
     */
    AgentClients(AgentRules robots, AgentRules robotWords) {
        this.robots = robots;
        this.robotWords = robotWords;
    }

    /**
     * What sent an event.
     *
     * @param type robot, server, app or browser
     * @param robotKind what the robot is for; {@code tool} for an HTTP library or another program,
     *     which is a robot where nothing says whom it acts for; null for people
     */
    record Client(String type, @Nullable String robotKind) {

        boolean isRobot() {
            return type.equals(ROBOT);
        }
    }

    /** The client behind a user agent. */
    Client of(String agent) {
        String text = withoutModel(agent);
        String kind = robots.find(text);
        if (kind != null) {
            return new Client(ROBOT, kind);
        }
        String lowerCase = agent.toLowerCase(Locale.ROOT);
        String person = people.find(lowerCase);
        if (person != null) {
            return new Client(person, null);
        }
        String library = libraries.find(lowerCase);
        if (library != null) {
            return new Client(library, TOOL);
        }
        person = peopleWords.find(lowerCase);
        if (person != null) {
            return new Client(person, null);
        }
        kind = robotWords.find(text.toLowerCase(Locale.ROOT));
        if (kind != null) {
            boolean program = kind.equals(SERVER) || kind.equals(APP);
            return program ? new Client(kind, TOOL) : new Client(ROBOT, kind);
        }
        boolean web = lowerCase.startsWith("mozilla/") || lowerCase.startsWith("opera/");
        return new Client(web ? BROWSER : APP, null);
    }

    /**
     * The agent without the name of an Android device, as in {@code (Linux; Android 8.0; M bot 60
     * Build/NRD90M)}: makers call their phones as they like.
     */
    private static String withoutModel(String agent) {
        int android = agent.indexOf(ANDROID);
        int start = android < 0 ? -1 : agent.indexOf(';', android);
        while (start >= 0) {
            int end = segmentEnd(agent, start + 1);
            if (end < 0) {
                return agent;
            }
            String segment = agent.substring(start + 1, end).strip();
            if (!isLocaleOrFlag(segment)) {
                return isModel(segment) ? agent.substring(0, start) + agent.substring(end) : agent;
            }
            start = agent.charAt(end) == ';' ? end : -1;
        }
        return agent;
    }

    private static int segmentEnd(String agent, int from) {
        for (int i = from; i < agent.length(); i++) {
            char c = agent.charAt(i);
            if (c == ';' || c == ')') {
                return i;
            }
        }
        return -1;
    }

    /** "U", "wv", "de-de" and the like, which stand before the model. */
    private static boolean isLocaleOrFlag(String segment) {
        return segment.length() <= 2
                || (segment.length() == 5
                        && (segment.charAt(2) == '-' || segment.charAt(2) == '_'));
    }

    private static boolean isModel(String segment) {
        return !segment.startsWith("compatible")
                && !segment.contains("bot/")
                && !segment.contains("://");
    }
}
