package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.Tenant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The tenants as they were when last read.
 *
 * @param byBk registered tenants by business key
 * @param ambiguous business keys of several tenants, none of which is in the map
 * @param salts salts of cookieless visitors by day, UTC
 */
record Tenants(Map<String, Tenant> byBk, Set<String> ambiguous, Map<LocalDate, byte[]> salts) {

    static final Tenants NONE = new Tenants(Map.of(), Set.of(), Map.of());

    /** The same without salts of days before one, but for derived ones, which never die. */
    Tenants withoutSaltsBefore(LocalDate day) {
        if (salts instanceof DerivedSalts) {
            return this;
        }
        Map<LocalDate, byte[]> living = new HashMap<>(salts);
        living.keySet().removeIf(of -> of.isBefore(day));
        return new Tenants(byBk, ambiguous, living);
    }
}
