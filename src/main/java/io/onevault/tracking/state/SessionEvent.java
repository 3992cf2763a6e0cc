package io.onevault.tracking.state;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.Referrer;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What sessions need to know of an event.
 *
 * @param sessionId the client's session id, else the visitor
 * @param clientSession whether the client gave the session id
 * @param loadDate {@code load_date} of the event
 * @param conversion whether the event is a purchase or one of the tenant's goals
 * @param revenue value of a purchase
 * @param gapMillis longest silence after which another event joins the same session
 */
public record SessionEvent(
        String tenantBk,
        String tenantHk,
        String sessionId,
        boolean clientSession,
        String eventBk,
        String visitorBk,
        Instant occurredAt,
        Instant loadDate,
        String type,
        boolean interactive,
        @Nullable String pageViewId,
        @Nullable String pageUrl,
        boolean conversion,
        @Nullable String transactionId,
        @Nullable BigDecimal revenue,
        @Nullable String currency,
        Referrer referrer,
        String channel,
        Campaign campaign,
        Device device,
        @Nullable String language,
        long gapMillis) {}
