package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Page;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings page URLs into the one form that is their business key. Rules: docs/enrichment.md. */
public final class PageUrls {

    private static final String SESSION_IN_PATH = ";jsessionid=";
    private static final Set<String> IGNORED;
    private static final List<String> IGNORED_PREFIXES;

    static {
        List<String[]> rows = ReferenceList.rows("ignored-parameters.csv", 2);
        IGNORED = ReferenceList.words(rows, "exact");
        IGNORED_PREFIXES = List.copyOf(ReferenceList.words(rows, "prefix"));
    }

    private PageUrls() {}

    /** The page, or null when the text is neither an absolute nor a root-relative URL. */
    public static @Nullable Page normalise(@Nullable String url) {
        if (url == null) {
            return null;
        }
        Page page = PlainUrls.page(url);
        return page == null ? takeApart(url) : page;
    }

    static @Nullable Page takeApart(String url) {
        Page page = normaliseOnce(Ampersands.unescape(url));
        // Decoding and joining may have made escaped ampersands. Each turn makes the URL shorter.
        while (page != null && Ampersands.hasEscaped(page.url())) {
            page = normaliseOnce(Ampersands.unescape(page.url()));
        }
        return page;
    }

    private static @Nullable Page normaliseOnce(String url) {
        UrlParts parts = UrlParts.of(url);
        if (parts == null) {
            return null;
        }
        StringBuilder query = new StringBuilder();
        if (parts.query() != null) {
            appendMeaningful(parts.query(), query);
        }
        String path = path(parts, query);
        String kept = query.isEmpty() ? null : query.toString();
        String normal = parts.origin() + path + (kept == null ? "" : "?" + kept);
        return new Page(normal, parts.host(), path, kept);
    }

    /** The path with its hash route; the route's own query joins {@code query}. */
    private static String path(UrlParts parts, StringBuilder query) {
        StringBuilder path = new StringBuilder(parts.path().length() + 1);
        PercentCoding.normalise(parts.path(), 0, parts.path().length(), path);
        String resolved = DotSegments.resolve(withoutSessionId(path.toString()));
        if (parts.host() == null) {
            resolved = withOneLeadingSlash(resolved);
        }
        String route = parts.fragment();
        if (route == null || !route.startsWith("/") && !route.startsWith("!/")) {
            return resolved;
        }
        path.setLength(0);
        path.append(resolved).append('#');
        int hash = route.indexOf('#');
        int end = hash < 0 ? route.length() : hash;
        int mark = route.indexOf('?');
        if (mark >= 0 && mark < end) {
            appendMeaningful(route.substring(mark + 1, end), query);
            end = mark;
        }
        PercentCoding.normalise(route, 0, end, path);
        return path.toString();
    }

    private static void appendMeaningful(String query, StringBuilder out) {
        QueryParameters parameters = new QueryParameters(query);
        while (parameters.next()) {
            if (isEncodedOnceTooOften(parameters)) {
                appendMeaningful(parameters.name(), out);
                continue;
            }
            boolean empty = parameters.hasEqualsSign() && parameters.rawValue().isEmpty();
            if (empty || isIgnored(parameters.name().toLowerCase(Locale.ROOT))) {
                continue;
            }
            if (!out.isEmpty()) {
                out.append('&');
            }
            PercentCoding.normalise(query, parameters.start(), parameters.end(), out);
        }
    }

    /** Whether a part of a query became one name; {@link Campaigns} reads it likewise. */
    private static boolean isEncodedOnceTooOften(QueryParameters parameters) {
        return !parameters.hasEqualsSign() && parameters.name().indexOf('=') >= 0;
    }

    private static boolean isIgnored(String name) {
        if (name.isEmpty() || IGNORED.contains(name)) {
            return true;
        }
        for (int i = 0; i < IGNORED_PREFIXES.size(); i++) {
            if (name.startsWith(IGNORED_PREFIXES.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** Cuts the path parameter by which servlet containers carry a session without cookies. */
    private static String withoutSessionId(String path) {
        int start = indexOfSessionId(path);
        if (start < 0) {
            return path;
        }
        int end = start + 1;
        while (end < path.length() && path.charAt(end) != '/' && path.charAt(end) != ';') {
            end++;
        }
        return withoutSessionId(path.substring(0, start) + path.substring(end));
    }

    private static int indexOfSessionId(String path) {
        int i = path.indexOf(';');
        while (i >= 0
                && !path.regionMatches(true, i, SESSION_IN_PATH, 0, SESSION_IN_PATH.length())) {
            i = path.indexOf(';', i + 1);
        }
        return i;
    }

    /** Keeps a path without host from looking like a host without scheme. */
    private static String withOneLeadingSlash(String path) {
        int i = 0;
        while (i + 1 < path.length() && path.charAt(i + 1) == '/') {
            i++;
        }
        return path.substring(i);
    }
}
