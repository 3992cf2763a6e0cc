package io.onevault.tracking.collector;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Puts back into a browser's agent what Chromium no longer says there by itself: the system's
 * version, the model and the rest of its own version. It tells them by hints, to the site's own
 * address and when the page asks for them. What is missing or looks odd leaves the agent as it is.
 */
final class AgentHints {

    /** What a page asks for. */
    static final String ASKED =
            "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Full-Version-List";

    private static final Pattern VERSION = Pattern.compile("(\\d{1,5})(?:\\.\\d{1,6}){0,3}");
    private static final Pattern MODEL = Pattern.compile("[\\w.+/-][\\w .+/-]{0,60}");
    private static final Pattern CHROMIUM =
            Pattern.compile("\"Chromium\";v=\"(\\d{1,5})((?:\\.\\d{1,6}){3})\"");

    private static final String WINDOWS = "Windows NT 10.0";
    private static final String MAC = "Mac OS X 10_15_7";
    private static final String ANDROID = "Android 10; K";

    /** Microsoft's rule: older ones call themselves 0; 13 or more is sold as Windows 11. */
    private static final int WINDOWS_10 = 1;

    private static final int WINDOWS_11 = 13;

    private AgentHints() {}

    /** The agent that the headers tell, completed where they come from a page of the same host. */
    static @Nullable String agent(HttpFields headers) {
        String agent = headers.get(HttpHeader.USER_AGENT);
        if (agent == null || !"same-origin".equals(headers.get("Sec-Fetch-Site"))) {
            return agent;
        }
        String version = plain(headers.get("Sec-CH-UA-Platform-Version"), VERSION);
        String model = plain(headers.get("Sec-CH-UA-Model"), MODEL);
        String system = version == null ? agent : withSystem(agent, version);
        String device = model == null ? system : system.replace("; K)", "; " + model + ")");
        return withBrowser(device, headers.get("Sec-CH-UA-Full-Version-List"));
    }

    /** What is between the quotes; null when that is not of the form. */
    private static @Nullable String plain(@Nullable String quoted, Pattern form) {
        if (quoted == null
                || quoted.length() < 2
                || !quoted.startsWith("\"")
                || !quoted.endsWith("\"")) {
            return null;
        }
        String text = quoted.substring(1, quoted.length() - 1);
        return form.matcher(text).matches() ? text : null;
    }

    private static String withSystem(String agent, String version) {
        int dot = version.indexOf('.');
        String major = dot < 0 ? version : version.substring(0, dot);
        if (agent.contains(WINDOWS)) {
            int told = Integer.parseInt(major);
            String sold = told < WINDOWS_11 ? "10" : "11";
            return told < WINDOWS_10
                    ? agent
                    : agent.replace(WINDOWS, WINDOWS + "; Windows " + sold);
        }
        return agent.replace(MAC, "Mac OS X " + version.replace('.', '_'))
                .replace(ANDROID, "Android " + version + "; K");
    }

    private static String withBrowser(String agent, @Nullable String versions) {
        Matcher chromium = CHROMIUM.matcher(versions == null ? "" : versions);
        if (!chromium.find()) {
            return agent;
        }
        String said = "Chrome/" + chromium.group(1);
        return agent.replace(said + ".0.0.0", said + chromium.group(2));
    }
}
