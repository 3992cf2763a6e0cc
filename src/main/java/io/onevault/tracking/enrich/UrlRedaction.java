package io.onevault.tracking.enrich;

/** Takes personal data out of URLs: user info, path segments and parameters. */
final class UrlRedaction {

    private static final String REDACTED = "[redacted]";

    private UrlRedaction() {}

    /** The URL without personal data; the same instance when there is none. Never throws. */
    static String redact(String url) {
        StringBuilder out = new StringBuilder(url.length() + REDACTED.length());
        int scheme = url.indexOf("://");
        int i = 0;
        if (scheme > 0 && Chars.indexOfAny(url, 0, "/?#") > scheme) {
            int start = scheme + 3;
            i = Chars.indexOfAny(url, start, "/?#");
            int at = url.lastIndexOf('@', i - 1);
            out.append(url, 0, start).append(url, at >= start ? at + 1 : start, i);
        }
        // Path, query and fragment, and the same again within the fragment of a hash route.
        boolean query = false;
        while (i < url.length()) {
            char c = url.charAt(i);
            if ("/?#&;".indexOf(c) >= 0) {
                query = c == '?' || query && c != '#';
                out.append(c);
                i++;
                continue;
            }
            int end = Chars.indexOfAny(url, i, query ? "#&" : "/?#&;");
            appendPart(url.substring(i, end), query, out);
            i = end;
        }
        return url.contentEquals(out) ? url : out.toString();
    }

    /** Appends a path segment, or a parameter, or a fragment such as {@code access_token=x}. */
    private static void appendPart(String part, boolean query, StringBuilder out) {
        int sign = part.indexOf('=');
        if (sign < 0) {
            out.append(value(part, query));
            return;
        }
        String name = value(part.substring(0, sign), query);
        out.append(name).append('=');
        String raw = part.substring(sign + 1);
        boolean sensitive = !raw.isEmpty() && SensitiveNames.matches(QueryValues.decode(name));
        out.append(sensitive ? REDACTED : value(raw, query));
    }

    private static String value(String raw, boolean query) {
        if (raw.isEmpty()) {
            return raw;
        }
        String decoded = query ? QueryValues.decode(raw) : PercentCoding.decode(raw, false);
        String redacted = Redactor.redact(decoded);
        if (redacted.equals(decoded)) {
            return raw;
        }
        StringBuilder encoded = new StringBuilder(redacted.length());
        QueryValues.encode(redacted, encoded);
        return encoded.toString();
    }
}
