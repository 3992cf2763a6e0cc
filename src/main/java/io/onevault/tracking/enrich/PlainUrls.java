package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Page;
import org.jspecify.annotations.Nullable;

/** Reads URLs that are in normal form already, as most pages' are, without taking them apart. */
final class PlainUrls {

    private static final String[] SCHEMES = {"https://", "http://"};

    /**
     * First bytes of the encoded letters of Latin and Cyrillic script, up to what begins the second
     * one. Those are in NFC, beside each other and beside ASCII.
     */
    private static final String[] LETTERS = {"%C3%", "%C4%", "%C5%", "%D0%", "%D1%"};

    private static final int LETTER_CHARS = "%C3%A9".length();

    private static final boolean[] IN_HOST = allowed("-_");

    /** Of what may stand in a path, nothing that begins another part or escapes. */
    private static final boolean[] IN_PATH = allowed("-._~!$&'()*+,=:@/[]");

    private PlainUrls() {}

    private static boolean[] allowed(String signs) {
        boolean[] allowed = new boolean[0x80];
        for (char c = 0; c < allowed.length; c++) {
            allowed[c] = Chars.isAlphanumeric(c) || signs.indexOf(c) >= 0;
        }
        return allowed;
    }

    /** The page by host and path alone; null where the URL has more, or has to be normalised. */
    static @Nullable Page page(String url) {
        int start = hostStart(url);
        int slash = hostEnd(url, start);
        return slash >= 0 && pathEnd(url, slash) == url.length()
                ? new Page(url, url.substring(start, slash), url.substring(slash), null)
                : null;
    }

    /** Site and path of a page, whatever its query; null where they have to be normalised. */
    static @Nullable String path(String url) {
        int slash = hostEnd(url, hostStart(url));
        int end = slash < 0 ? -1 : pathEnd(url, slash);
        return end == url.length() || end >= 0 && isQuery(url, end) ? url.substring(0, end) : null;
    }

    /** -1 where no host begins. */
    private static int hostStart(String url) {
        for (String scheme : SCHEMES) {
            if (url.startsWith(scheme)) {
                return scheme.length();
            }
        }
        return -1;
    }

    /** Index of the slash behind a host in lower case, or -1. */
    private static int hostEnd(String url, int start) {
        if (start < 0) {
            return -1;
        }
        char previous = '.';
        for (int i = start; i < url.length() && i - start <= Hosts.MAX_HOST_CHARS; i++) {
            char c = url.charAt(i);
            boolean dot = c == '.' || c == '/';
            if (dot ? previous == '.' : !isOf(IN_HOST, c) || c >= 'A' && c <= 'Z') {
                return -1;
            }
            if (c == '/') {
                return i;
            }
            previous = c;
        }
        return -1;
    }

    /** Index behind a path in normal form, or of what is not. */
    private static int pathEnd(String url, int slash) {
        char previous = ' ';
        int i = slash;
        while (i < url.length()) {
            char c = url.charAt(i);
            if (c == '%' && isLetter(url, i)) {
                previous = c;
                i += LETTER_CHARS;
                continue;
            }
            // Behind a slash a dot may begin a segment that is none.
            if (!isOf(IN_PATH, c) || c == '.' && previous == '/') {
                return i;
            }
            previous = c;
            i++;
        }
        return i;
    }

    /** Whether such a letter is encoded there, by upper-case digits as in normal form. */
    private static boolean isLetter(String url, int start) {
        for (String first : LETTERS) {
            if (url.startsWith(first, start)) {
                int second = start + first.length();
                return second + 2 <= url.length()
                        && "89AB".indexOf(url.charAt(second)) >= 0
                        && "0123456789ABCDEF".indexOf(url.charAt(second + 1)) >= 0;
            }
        }
        return false;
    }

    /** Whether all that follows is a query: a route belongs to the path, and controls nowhere. */
    private static boolean isQuery(String url, int start) {
        if (url.charAt(start) != '?') {
            return false;
        }
        for (int i = start; i < url.length(); i++) {
            char c = url.charAt(i);
            if (c == '#' || Chars.isControl(c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(boolean[] allowed, char c) {
        return c < allowed.length && allowed[c];
    }
}
