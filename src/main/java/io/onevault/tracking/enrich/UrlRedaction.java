package io.onevault.tracking.enrich;

import org.jspecify.annotations.Nullable;

/** Takes personal data out of URLs: user info, path segments and parameters, and URLs in these. */
final class UrlRedaction {

    private static final String REDACTED = "[redacted]";

    /** Where a page is to lead on to, from there on again; the limit is for hostile ones. */
    private static final int MAX_NESTED = 3;

    private UrlRedaction() {}

    /** Whether a text, or a parameter's value, is one or holds one: a path, a query, a scheme. */
    static boolean isUrl(String text) {
        return text.startsWith("/") || text.startsWith("?") || text.contains("://");
    }

    /** The URL without personal data; the same instance when there is none. Never throws. */
    static String redact(String url) {
        return redact(url, MAX_NESTED);
    }

    private static String redact(String url, int nested) {
        StringBuilder out = null;
        int copied = 0;
        int scheme = url.indexOf("://");
        int i = 0;
        if (scheme > 0 && Chars.indexOfAny(url, 0, "/?#") > scheme) {
            int start = scheme + 3;
            i = Chars.indexOfAny(url, start, "/?#");
            // Forwards is quicker, and most have none.
            int at = url.indexOf('@', start) < 0 ? -1 : url.lastIndexOf('@', i - 1);
            if (at >= start) {
                out = new StringBuilder(url.length()).append(url, 0, start);
                copied = at + 1;
            }
        }
        // As most have nothing in any part: quicker than to look at one after the other.
        if (out == null && Signs.of(url, i, url.length()) == Signs.NONE) {
            return url;
        }
        // Path, query and fragment, and the same again within the fragment of a hash route.
        boolean query = false;
        while (i < url.length()) {
            char c = url.charAt(i);
            if ("/?#&;".indexOf(c) >= 0) {
                query = c == '?' || query && c != '#';
                i++;
                continue;
            }
            int end = Chars.indexOfAny(url, i, query ? "#&" : "/?#&;");
            String redacted = redactPart(url, i, end, query, nested);
            if (redacted != null) {
                out = out == null ? new StringBuilder(url.length() + REDACTED.length()) : out;
                out.append(url, copied, i).append(redacted);
                copied = end;
            }
            i = end;
        }
        return out == null ? url : out.append(url, copied, url.length()).toString();
    }

    /** Null where a path segment, a parameter or a fragment stays as it is. */
    private static @Nullable String redactPart(
            String url, int start, int end, boolean query, int nested) {
        int sign = url.indexOf('=', start);
        boolean named = sign >= 0 && sign < end;
        boolean plain = (Signs.of(url, start, end) & ~Signs.NAME) == Signs.NONE;
        if (plain && !named) {
            return null;
        }
        int second = named ? url.indexOf('=', sign + 1) : -1;
        if (plain && (second < 0 || second >= end) && !isSensitive(url.substring(start, sign))) {
            return null;
        }
        String part = url.substring(start, end);
        String redacted =
                named ? parameter(part, sign - start, query, nested) : value(part, query, nested);
        return redacted.equals(part) ? null : redacted;
    }

    /** A parameter, or a fragment such as {@code access_token=x}. */
    private static String parameter(String part, int sign, boolean query, int nested) {
        String name = value(part.substring(0, sign), query, 0);
        String raw = part.substring(sign + 1);
        boolean sensitive = !raw.isEmpty() && isSensitive(plain(name, true));
        return name + '=' + (sensitive ? REDACTED : value(raw, query, nested));
    }

    private static boolean isSensitive(String name) {
        return SensitiveNames.matches(name.substring(Ampersands.behind(name, 0)));
    }

    /** Decoded, also what was encoded several times. */
    private static String plain(String raw, boolean query) {
        String decoded = query ? QueryValues.decode(raw) : PercentCoding.decode(raw, false);
        for (int i = 0; i < MAX_NESTED && decoded.indexOf('%') >= 0; i++) {
            decoded = PercentCoding.decode(decoded, false);
        }
        return decoded;
    }

    private static String value(String raw, boolean query, int nested) {
        if (raw.isEmpty()) {
            return raw;
        }
        String decoded = plain(raw, query);
        boolean within =
                nested > 0
                        && isUrl(decoded)
                        && Chars.indexOfAny(decoded, 0, "=@") < decoded.length();
        String redacted = Redactor.redact(within ? redact(decoded, nested - 1) : decoded);
        if (redacted.equals(decoded)) {
            return raw;
        }
        StringBuilder encoded = new StringBuilder(redacted.length());
        QueryValues.encode(redacted, encoded);
        return encoded.toString();
    }
}
