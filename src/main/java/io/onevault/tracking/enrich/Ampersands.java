package io.onevault.tracking.enrich;

/** Ampersands of URLs that were copied out of HTML, escaped once or more often. */
public final class Ampersands {

    private static final String NAME = "amp";
    private static final int CODE = '&';

    private Ampersands() {}

    /** The URL with each of them as it was meant. */
    public static String unescape(String url) {
        if (!hasEscaped(url)) {
            return url;
        }
        StringBuilder meant = new StringBuilder(url.length());
        int at = 0;
        while (at < url.length()) {
            char c = url.charAt(at++);
            meant.append(c);
            at = c == '&' ? behind(url, at) : at;
        }
        return meant.toString();
    }

    /**
     * Index behind what escapes an ampersand that stands before {@code from}; what stands there may
     * be escaped again.
     */
    public static int behind(String url, int from) {
        int at = from;
        for (int end = end(url, at); end >= 0; end = end(url, at)) {
            at = end;
        }
        return at;
    }

    /** Whether any of them stands there escaped. */
    public static boolean hasEscaped(String url) {
        if (url.indexOf(';') < 0) {
            return false;
        }
        for (int at = url.indexOf('&'); at >= 0; at = url.indexOf('&', at + 1)) {
            if (end(url, at + 1) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Index behind {@code amp;}, {@code #38;} or {@code #x26;} in any case; -1 where none is. */
    private static int end(String url, int from) {
        int end;
        if (url.startsWith("#", from)) {
            boolean hex = url.startsWith("x", from + 1) || url.startsWith("X", from + 1);
            end = code(url, hex ? from + 2 : from + 1, hex ? 16 : 10);
        } else {
            boolean named = url.regionMatches(true, from, NAME, 0, NAME.length());
            end = named ? from + NAME.length() : -1;
        }
        return end >= 0 && url.startsWith(";", end) ? end + 1 : -1;
    }

    /** Index behind the number of the ampersand, with zeros before it or without. */
    private static int code(String url, int from, int radix) {
        int at = from;
        while (url.startsWith("0", at)) {
            at++;
        }
        String digits = Integer.toString(CODE, radix);
        return url.startsWith(digits, at) ? at + digits.length() : -1;
    }
}
