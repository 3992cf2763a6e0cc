package io.onevault.tracking.job;

import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.contract.EventKeys;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.enrich.PageUrls;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.session.SessionKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes an admitted event: without personal data, with visitor, key and role. Not thread-safe. */
final class Admission {

    private final Redactor redactor = new Redactor();
    private final long latenessMillis;

    /**
     * @param lateness how late an event may be at most to still change its session
     */
    Admission(Duration lateness) {
        this.latenessMillis = lateness.toMillis();
    }

    AdmittedEvent admit(
            DecodedRecord record, TrackerEvent event, Tenant tenant, TenantDirectory directory) {
        String visitorBk = visitorBk(record, event, tenant, directory);
        TrackerEvent clean = withoutPersonalData(redactor.redact(event));
        String payload = CanonicalPayload.of(clean);
        String eventBk = EventKeys.eventBk(clean, visitorBk == null ? "" : visitorBk, payload);
        List<Suspicion> suspicions = record.suspicions();
        if (visitorBk == null) {
            visitorBk = Pseudonyms.unlinkable(tenant, eventBk);
            suspicions = Suspicion.with(suspicions, Suspicion.VISITOR_UNRECOGNISED);
        }
        return new AdmittedEvent(
                tenant.bk(),
                tenant.hk(),
                eventBk,
                visitorBk,
                record.occurredAt(),
                clean,
                payload,
                role(record, event, tenant),
                suspicions,
                record.position());
    }

    /** Null when nothing tells the visitor. */
    private @Nullable String visitorBk(
            DecodedRecord record, TrackerEvent event, Tenant tenant, TenantDirectory directory) {
        Identity identity = event.identity();
        ClientContext client = event.client();
        if (identity.visitorId() != null) {
            return Pseudonyms.of(tenant, identity.visitorId());
        }
        if (identity.userId() != null) {
            return Pseudonyms.of(tenant, identity.userId());
        }
        boolean recognisable = client.clientIp() != null || client.userAgent() != null;
        byte[] salt = recognisable ? directory.salt(record.occurredAt()) : null;
        if (salt != null) {
            Page page = PageUrls.normalise(event.page().url());
            String host = page == null ? null : page.host();
            return Pseudonyms.cookieless(tenant, salt, client.clientIp(), client.userAgent(), host);
        }
        return identity.sessionId() == null ? null : Pseudonyms.of(tenant, identity.sessionId());
    }

    private static TrackerEvent withoutPersonalData(TrackerEvent event) {
        ClientContext client = event.client();
        return new TrackerEvent(
                event.tenantBk(),
                event.eventId(),
                event.type(),
                event.action(),
                new Identity(event.identity().sessionId(), null, null),
                event.page(),
                event.timing(),
                event.interaction(),
                new ClientContext(
                        client.userAgent(),
                        IpNetworks.cut(client.clientIp()),
                        client.language(),
                        client.timezone(),
                        client.screenResolution(),
                        client.viewportWidth(),
                        client.viewportHeight(),
                        client.consent(),
                        client.collector()),
                event.purchase(),
                event.items(),
                event.properties());
    }

    private SessionRole role(DecodedRecord record, TrackerEvent event, Tenant tenant) {
        Instant received = event.timing().receivedAt();
        SessionRules rules = tenant.rules();
        boolean late =
                received != null
                        && received.isAfter(
                                record.occurredAt()
                                        .plusMillis(rules.gapMillis())
                                        .plusMillis(latenessMillis(tenant)));
        return new SessionRole(
                SessionRole.carried(rules),
                isConversion(event, tenant),
                isPerVisitor(event.identity()),
                late);
    }

    /** A time or a counter as session id is the same for many visitors of a site. */
    private static boolean isPerVisitor(Identity identity) {
        String sessionId = identity.sessionId();
        return sessionId != null
                && (identity.visitorId() != null || identity.userId() != null)
                && SessionKeys.isNumber(sessionId);
    }

    private long latenessMillis(Tenant tenant) {
        Long own = tenant.latenessMillis();
        return own == null ? latenessMillis : Math.min(own, latenessMillis);
    }

    private static boolean isConversion(TrackerEvent event, Tenant tenant) {
        return switch (event.type()) {
            case EventType.PURCHASE -> true;
            case EventType.TRANSACTION_STEP ->
                    EventType.COMPLETE.equals(event.action().action())
                            || tenant.goals().contains(event.type());
            default -> tenant.goals().contains(event.type());
        };
    }
}
