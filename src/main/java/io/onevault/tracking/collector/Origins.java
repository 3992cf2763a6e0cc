package io.onevault.tracking.collector;

import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** Lets pages of other origins send, and read no more of the answer than they need. */
final class Origins {

    private static final String HEADERS = "content-type";
    private static final String METHODS = "POST";
    private static final String EXPOSED =
            "Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";
    private static final String DAY_SECONDS = "86400";
    private static final String PATH = "/?#";

    private Origins() {}

    /** The page's origin, null where the browser tells none or there is no browser. */
    static @Nullable String of(Request request) {
        return request.getHeaders().get(HttpHeader.ORIGIN);
    }

    /**
     * The origin of the page that sends; of an image, for which a browser tells none, that of the
     * page that it refers to. Null where neither is told, as in most mail.
     */
    static @Nullable String ofPage(Request request) {
        String origin = of(request);
        String page = request.getHeaders().get(HttpHeader.REFERER);
        return origin != null || page == null || page.isEmpty() ? origin : ofUrl(page);
    }

    /**
     * What is before the path; behind it browsers leave what no URI may have. What has no host is
     * an origin that nobody has.
     */
    private static String ofUrl(String url) {
        int scheme = url.indexOf("://");
        if (scheme < 0) {
            return url;
        }
        int end = scheme + "://".length();
        while (end < url.length() && PATH.indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return url.substring(0, end);
    }

    /** Whether pages of the origin may send with the site's public key. */
    static boolean isAllowed(Request request, @Nullable String origin, Set<String> allowed) {
        return origin == null
                || allowed.isEmpty()
                || allowed.contains(origin)
                || isOwn(request, origin);
    }

    private static boolean isOwn(Request request, String origin) {
        String authority = request.getHttpURI().getAuthority();
        return origin.equals("https://" + authority) || origin.equals("http://" + authority);
    }

    /** Lets the page read the answer, refusals too: a browser calls an unreadable one a failure. */
    static void readable(Response response, @Nullable String origin) {
        Answers.openToOthers(response);
        HttpFields.Mutable headers = response.getHeaders();
        headers.add(HttpHeader.VARY, HttpHeader.ORIGIN.asString());
        if (origin != null) {
            headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.put(HttpHeader.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }

    /** Answers the browser's question before a request that is not a simple one. */
    static void preflight(Response response) {
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.put(HttpHeader.ACCESS_CONTROL_MAX_AGE, DAY_SECONDS);
    }
}
