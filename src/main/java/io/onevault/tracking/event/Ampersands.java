package io.onevault.tracking.event;

import java.util.List;

/** Ampersands of URLs that were copied out of HTML, escaped once or more often. */
public final class Ampersands {

    private static final List<String> ESCAPED = List.of("&amp;", "&#38;", "&#038;");

    private Ampersands() {}

    /** The URL with each of them as it was meant. */
    public static String unescape(String url) {
        String text = url;
        while (hasEscaped(text)) {
            for (String escaped : ESCAPED) {
                text = text.replace(escaped, "&");
            }
        }
        return text;
    }

    /** Whether any of them stands there escaped. */
    public static boolean hasEscaped(String url) {
        if (url.indexOf(';') < 0 || url.indexOf('&') < 0) {
            return false;
        }
        for (String escaped : ESCAPED) {
            if (url.contains(escaped)) {
                return true;
            }
        }
        return false;
    }
}
