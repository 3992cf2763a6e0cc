package io.onevault.tracking.enrich;

import java.util.List;

/** Ampersands of URLs that were copied out of HTML, escaped once or more often. */
final class Ampersands {

    private static final List<String> ESCAPED = List.of("&amp;", "&#38;", "&#038;");

    private Ampersands() {}

    /** The URL with each of them as it was meant. */
    static String unescape(String url) {
        if (url.indexOf(';') < 0 || url.indexOf('&') < 0) {
            return url;
        }
        String text = url;
        String before;
        do {
            before = text;
            for (String escaped : ESCAPED) {
                text = text.replace(escaped, "&");
            }
        } while (!text.equals(before));
        return text;
    }
}
