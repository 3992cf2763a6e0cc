package io.onevault.tracking.job;

import io.onevault.tracking.event.Tenant;
import java.time.LocalDate;
import java.util.Map;

/**
 * The tenants as they were when last read.
 *
 * @param byBk registered tenants by business key
 * @param salts salts of cookieless visitors by day, UTC
 */
record Tenants(Map<String, Tenant> byBk, Map<LocalDate, byte[]> salts) {

    static final Tenants NONE = new Tenants(Map.of(), Map.of());
}
