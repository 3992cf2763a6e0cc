package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Referrer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads where a visitor came from. */
public final class Referrers {

    private Referrers() {}

    /**
     * The referrer without query and fragment, its host without {@code www.}; it is internal when
     * it is a path alone, when its host and the page's are names of one registrable domain, when it
     * is known to be the tenant's own, or when it is a payment page: who comes back from there had
     * left the site itself. {@link Referrer#NONE} when it is no URL.
     */
    public static Referrer of(@Nullable String referrer, @Nullable Page page, boolean own) {
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
        boolean internal =
                own
                        || parts.host() == null
                        || Domains.areOneSite(host, pageHost)
                        || Sources.PAYMENT.equals(Sources.kind(host));
        return new Referrer(url.toString(), host, internal);
    }

    /**
     * Whether a referrer is one of the tenant's own hosts. Where a tenant names none and the page
     * is a path alone, it is, unless it is a site that we know: most events come from the own site.
     */
    public static boolean isOwn(
            @Nullable String referrer, @Nullable String pageUrl, List<String> hosts) {
        if (hosts.isEmpty() && !isPathAlone(pageUrl)) {
            return false;
        }
        UrlParts parts = UrlParts.of(referrer);
        if (parts == null || parts.host() == null) {
            return false;
        }
        if (hosts.isEmpty()) {
            return Sources.kind(Hosts.withoutWww(parts.host())) == null;
        }
        for (String host : hosts) {
            if (Domains.areOneSite(parts.host(), host)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPathAlone(@Nullable String url) {
        return url != null && url.strip().startsWith("/") && UrlParts.of(url) != null;
    }

    /**
     * The hosts of origins such as {@code https://acme.com} and {@code https://*.acme.com}; what is
     * no origin is ignored.
     */
    public static List<String> hosts(List<String> origins) {
        List<String> hosts = new ArrayList<>();
        for (String origin : origins) {
            UrlParts parts = UrlParts.of(origin.replace("://*.", "://"));
            if (parts != null && parts.host() != null) {
                hosts.add(parts.host());
            }
        }
        return List.copyOf(hosts);
    }

    private static @Nullable String host(@Nullable String host) {
        return host == null ? null : Hosts.withoutWww(host);
    }
}
