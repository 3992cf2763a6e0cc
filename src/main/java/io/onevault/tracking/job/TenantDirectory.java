package io.onevault.tracking.job;

import io.onevault.tracking.event.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.flink.util.clock.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tenants that one subtask knows. They are read again when they are old, and once a second when
 * an unknown one is asked for, so that a new tenant's first events are admitted. When reading
 * fails, the known ones stay valid; without any, the failure is the caller's.
 */
final class TenantDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(TenantDirectory.class);
    private static final long UNKNOWN_REFRESH_MILLIS = 1_000;

    // -- configuration
    private final TenantReader reader;
    private final long refreshMillis;
    private final Clock clock;

    // -- runtime
    private Tenants tenants = Tenants.NONE;
    private boolean read;
    private long readAt;

    TenantDirectory(TenantReader reader, Duration refresh, Clock clock) {
        this.reader = reader;
        this.refreshMillis = refresh.toMillis();
        this.clock = clock;
    }

    /** The tenant of the given business key, or null when none is registered. */
    @Nullable Tenant find(String tenantBk) throws Exception {
        refreshIfOlderThan(refreshMillis);
        Tenant tenant = tenants.byBk().get(tenantBk);
        if (tenant == null) {
            refreshIfOlderThan(Math.min(UNKNOWN_REFRESH_MILLIS, refreshMillis));
            tenant = tenants.byBk().get(tenantBk);
        }
        return tenant;
    }

    /** The salt of cookieless visitors on the day of the given instant, or null when it is gone. */
    byte @Nullable [] salt(Instant instant) {
        return tenants.salts().get(LocalDate.ofInstant(instant, ZoneOffset.UTC));
    }

    private void refreshIfOlderThan(long millis) throws Exception {
        long now = clock.relativeTimeMillis();
        if (read && now - readAt < millis) {
            return;
        }
        try {
            tenants = reader.read();
            read = true;
        } catch (Exception e) {
            if (!read) {
                throw e;
            }
            LOG.warn("Tenants could not be read, those known stay valid: {}", e.getMessage());
        }
        readAt = now;
    }
}
