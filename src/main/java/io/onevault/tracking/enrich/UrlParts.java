package io.onevault.tracking.enrich;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A URL cut into its parts, host and scheme normalised, the rest as it came.
 *
 * @param origin scheme, host and port, such as {@code https://example.com:8443}; empty when the URL
 *     is relative to the root
 * @param fragment without the hash sign, null when there is none
 */
record UrlParts(
        String origin,
        @Nullable String host,
        String path,
        @Nullable String query,
        @Nullable String fragment) {

    /** The parts, or null when the text is neither an absolute nor a root-relative URL. */
    static @Nullable UrlParts of(@Nullable String text) {
        if (text == null || hasControl(text)) {
            return null;
        }
        String url = text.strip();
        if (url.startsWith("/")) {
            // Two slashes start a host, and a page's own URL never comes without its scheme.
            return url.startsWith("//") ? null : split("", null, url);
        }
        int colon = url.indexOf("://");
        if (colon <= 0 || !isScheme(url, colon)) {
            return null;
        }
        String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        int start = colon + 3;
        int end = Chars.indexOfAny(url, start, "/?#");
        // The last @ ends the user info, as browsers read it.
        int at = url.lastIndexOf('@', end - 1);
        String authority = url.substring(at >= start ? at + 1 : start, end);
        String host = Hosts.host(authority);
        String port = Hosts.port(authority, scheme);
        if (host == null || port == null) {
            return null;
        }
        return split(scheme + "://" + host + port, host, url.substring(end));
    }

    private static UrlParts split(String origin, @Nullable String host, String rest) {
        int hash = rest.indexOf('#');
        String beforeHash = hash < 0 ? rest : rest.substring(0, hash);
        int mark = beforeHash.indexOf('?');
        return new UrlParts(
                origin,
                host,
                mark < 0 ? beforeHash : beforeHash.substring(0, mark),
                mark < 0 ? null : beforeHash.substring(mark + 1),
                hash < 0 ? null : rest.substring(hash + 1));
    }

    private static boolean isScheme(String url, int end) {
        if (!Chars.isAlpha(url.charAt(0))) {
            return false;
        }
        for (int i = 1; i < end; i++) {
            char c = url.charAt(i);
            if (!Chars.isAlphanumeric(c) && c != '+' && c != '-' && c != '.') {
                return false;
            }
        }
        return true;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Chars.isControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
