package io.onevault.tracking.collector;

import io.onevault.tracking.event.ConsentRules;
import java.util.Set;

/**
 * What a key opens.
 *
 * @param tenantBk the one tenant it speaks for
 * @param scopes what it may do
 * @param origins origins that a browser may send from; empty: any
 * @param timeZone IANA name of the tenant's days
 * @param consent what the tenant wants kept by consent
 */
record Site(
        String tenantBk,
        Set<Scope> scopes,
        Set<String> origins,
        String timeZone,
        ConsentRules consent) {

    /** What a key may do; by {@code name} in {@code auth.api_token_s.scope}. */
    enum Scope {
        /** Writes from a browser; the key is public. */
        BROWSER("site_tracking:browser"),
        /** Writes from a server. */
        WRITE("site_tracking:write"),
        /** Reads what the api answers. */
        READ("site_tracking:read");

        private final String text;

        Scope(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    boolean may(Scope scope) {
        return scopes.contains(scope);
    }
}
