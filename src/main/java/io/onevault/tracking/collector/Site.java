package io.onevault.tracking.collector;

import io.onevault.tracking.event.ConsentRules;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a key opens, or a link.
 *
 * @param tenantBk the one tenant it speaks for
 * @param scopes what it may do; a link has none
 * @param origins origins that a browser may send from; empty: any
 * @param timeZone IANA name of the tenant's days
 * @param consent what the tenant wants kept by consent
 * @param link what a link shows; null for a key
 * @param keyId names the key in the audit; null for a link
 */
record Site(
        String tenantBk,
        Set<Scope> scopes,
        Set<String> origins,
        String timeZone,
        ConsentRules consent,
        @Nullable Link link,
        @Nullable String keyId) {

    /** Of nobody whom the audit is told of. */
    Site(
            String tenantBk,
            Set<Scope> scopes,
            Set<String> origins,
            String timeZone,
            ConsentRules consent,
            @Nullable Link link) {
        this(tenantBk, scopes, origins, timeZone, consent, link, null);
    }

    /**
     * How far somebody with a link may see.
     *
     * @param filters a JSON object of filters that are always on
     * @param passwordHash by {@link LinkPassword}; null without a password
     */
    record Link(String filters, @Nullable String passwordHash) {

        boolean isUnfiltered() {
            return filters.equals("{}");
        }
    }

    /** What a key may do; by {@code name} in {@code auth.api_token_s.scope}. */
    enum Scope {
        /** Writes from a browser; the key is public. */
        BROWSER("site_tracking:browser"),
        /** Writes from a server. */
        WRITE("site_tracking:write"),
        /** Reads what the api answers. */
        READ("site_tracking:read"),
        /** Changes the tenant's settings. */
        MANAGE("site_tracking:manage");

        private final String text;

        Scope(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * With whom it shares turns to ask: anybody may have a link, so those who do share among
     * themselves, beside the tenant's keys.
     */
    String party() {
        return link == null ? tenantBk : tenantBk + "\nlinks";
    }

    boolean may(Scope scope) {
        return scopes.contains(scope);
    }
}
