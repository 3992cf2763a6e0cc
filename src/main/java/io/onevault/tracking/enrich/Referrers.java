package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Referrer;
import org.jspecify.annotations.Nullable;

/** Reads where a visitor came from. */
public final class Referrers {

    private Referrers() {}

    /**
     * The referrer without query and fragment, its host without {@code www.}; it is internal when
     * its host is the page's, or when it is a path alone. {@link Referrer#NONE} when it is no URL.
     */
    public static Referrer of(@Nullable String referrer, @Nullable Page page) {
        UrlParts parts = UrlParts.of(referrer);
        if (parts == null) {
            return Referrer.NONE;
        }
        StringBuilder url = new StringBuilder(parts.origin().length() + parts.path().length());
        url.append(parts.origin());
        if (parts.path().isEmpty()) {
            url.append('/');
        }
        PercentCoding.normalise(parts.path(), 0, parts.path().length(), url);
        String pageHost = host(page == null ? null : page.host());
        String host = parts.host() == null ? pageHost : host(parts.host());
        boolean internal = parts.host() == null || host.equals(pageHost);
        return new Referrer(url.toString(), host, internal);
    }

    private static @Nullable String host(@Nullable String host) {
        return host == null ? null : Hosts.withoutWww(host);
    }
}
