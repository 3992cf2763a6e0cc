package io.onevault.tracking.job.admit;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.contract.EventKeys;
import io.onevault.tracking.contract.EventTime;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.enrich.Anonymity;
import io.onevault.tracking.enrich.AnonymousView;
import io.onevault.tracking.enrich.FreeTexts;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.enrich.PageUrls;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.AddressPolicy;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.FormerSecret;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes an admitted event: without personal data, with visitor, key and role. Not thread-safe. */
final class Admission {

    /** Hours after midnight at which the fewest visits are cut in two. */
    private static final int DAY_BEGINS_AT = 4;

    private final long latenessMillis;
    private final Function<LocalDate, byte @Nullable []> salts;
    private final Function<@Nullable String, @Nullable Place> places;
    private final AgentSummaries agents;
    private final Identities identities = new Identities();

    /**
     * @param lateness how late an event may be at most to still change its session
     * @param salts the salt of cookieless visitors on a day; null where it is gone
     * @param places where an address is; null where nothing tells
     * @param agents shortens user agents
     */
    Admission(
            Duration lateness,
            Function<LocalDate, byte @Nullable []> salts,
            Function<@Nullable String, @Nullable Place> places,
            AgentSummaries agents) {
        this.latenessMillis = lateness.toMillis();
        this.salts = salts;
        this.places = places;
        this.agents = agents;
    }

    /**
     * Admits an event.
     *
     * @param keeping in full or without its visitor
     */
    AdmittedEvent admit(DecodedRecord record, TrackerEvent event, Tenant tenant, Keeping keeping) {
        Handling handling = new Handling(keeping, tenant.privacy().consent().since());
        if (keeping == Keeping.ANONYMOUS) {
            return anonymous(record, event, tenant, handling);
        }
        Identity named = identities.of(tenant, event.identity());
        String namedBk = named.named();
        TrackerEvent clean =
                withoutPersonalData(
                        event,
                        named,
                        agent(event.client(), tenant.privacy()),
                        IpNetworks.cut(event.client().clientIp(), tenant.privacy().addresses()),
                        tenant);
        String payload = CanonicalPayload.of(clean);
        String content = EventKeys.contentHash(clean, payload, record.occurredAt());
        String eventBk =
                clean.eventId() != null
                        ? EventKeys.withId(clean.eventId(), content)
                        : EventKeys.withoutId(
                                content, fingerprint(event, namedBk, content, tenant));
        String visitorBk =
                namedBk != null
                        ? namedBk
                        : unnamedVisitorBk(record, event, named.sessionId(), tenant);
        List<Suspicion> suspicions = record.suspicions();
        if (visitorBk == null) {
            visitorBk = Pseudonyms.unlinkable(identities.keyed(tenant), eventBk);
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
                // As it is read again: what is kept decides.
                role(record, clean, tenant),
                suspicions,
                record.position(),
                handling);
    }

    /** Forgets what it remembers, as clients sent it, to be quicker. */
    void forget() {
        identities.forget();
        agents.forget();
    }

    private AdmittedEvent anonymous(
            DecodedRecord record, TrackerEvent event, Tenant tenant, Handling handling) {
        Hmac keyed = identities.keyed(tenant);
        TrackerEvent redacted = withoutPersonalData(event, Identity.NONE, null, null, tenant);
        LocalDate day = day(record.occurredAt(), tenant);
        String viewId = redacted.page().pageViewId();
        // To remember it takes longer than to hash again: most page views have few events.
        AnonymousView view = viewId == null ? null : AnonymousView.of(keyed, day, viewId);
        TrackerEvent clean = Anonymity.of(redacted, keyed, view, robot(event));
        String payload = CanonicalPayload.of(clean);
        String content = EventKeys.contentHash(clean, payload, record.occurredAt());
        String eventBk =
                clean.eventId() != null
                        ? EventKeys.withId(clean.eventId(), content)
                        : EventKeys.withoutId(
                                content, Pseudonyms.fingerprint(keyed, content, null, null));
        return new AdmittedEvent(
                tenant.bk(),
                tenant.hk(),
                eventBk,
                view != null ? view.visitorBk() : Pseudonyms.ofAnonymousEvent(keyed, eventBk),
                record.occurredAt(),
                clean,
                payload,
                role(record, clean, tenant),
                record.suspicions(),
                record.position(),
                handling,
                objectorBks(event, clean, tenant));
    }

    /**
     * Whoever objects does so for what was kept before, too, also under a secret of before. None
     * where nobody does by name.
     */
    private List<String> objectorBks(TrackerEvent event, TrackerEvent clean, Tenant tenant) {
        // Of the properties an event without its visitor keeps nothing but limited use.
        if (event.client().gpc() == null && clean.properties().equals(TrackerEvent.NO_PROPERTIES)
                || event.identity().named() == null) {
            return List.of();
        }
        Set<String> objectors = new LinkedHashSet<>();
        identities.of(tenant, event.identity()).addNamed(objectors);
        for (FormerSecret former : tenant.formerSecrets()) {
            identities.of(tenant.withSecret(former.secret()), event.identity()).addNamed(objectors);
        }
        return List.copyOf(objectors);
    }

    /** Null of a person. */
    private @Nullable String robot(TrackerEvent event) {
        boolean named = !event.identity().equals(Identity.NONE);
        return agents.ofRobot(event.client().userAgent(), named);
    }

    /** The day of a visitor without a name, by the tenant's clock. */
    private static LocalDate day(Instant occurredAt, Tenant tenant) {
        return LocalDateTime.ofInstant(occurredAt, tenant.timeZone())
                .minusHours(DAY_BEGINS_AT)
                .toLocalDate();
    }

    /** A visitor with a name is in the content already, whatever network the event came from. */
    private String fingerprint(
            TrackerEvent event, @Nullable String namedBk, String content, Tenant tenant) {
        ClientContext client = namedBk == null ? event.client() : ClientContext.NONE;
        return Pseudonyms.fingerprint(
                identities.keyed(tenant),
                content,
                IpNetworks.cut(client.clientIp()),
                client.userAgent());
    }

    /** Null when nothing tells the visitor. */
    private @Nullable String unnamedVisitorBk(
            DecodedRecord record, TrackerEvent event, @Nullable String sessionId, Tenant tenant) {
        ClientContext client = event.client();
        String address = IpNetworks.address(client.clientIp());
        boolean recognisable = address != null || client.userAgent() != null;
        byte[] salt = recognisable ? salts.apply(day(record.occurredAt(), tenant)) : null;
        if (salt != null) {
            Page page = PageUrls.normalise(event.page().url());
            String host = page == null ? null : page.host();
            return Pseudonyms.cookieless(
                    identities.keyed(tenant), salt, address, client.userAgent(), host);
        }
        return sessionId == null ? null : Pseudonyms.ofSession(identities.keyed(tenant), sessionId);
    }

    /**
     * @param named stands where the client named session, visitor and user, so that it belongs to
     *     the content
     * @param agent what is kept of it
     * @param network what is kept of the address
     */
    private TrackerEvent withoutPersonalData(
            TrackerEvent original,
            Identity named,
            @Nullable String agent,
            @Nullable String network,
            Tenant tenant) {
        TrackerEvent event = Redactor.redact(original, tenant);
        TrackerEvent clean =
                new TrackerEvent(
                        event.tenantBk(),
                        event.eventId(),
                        event.type(),
                        event.action(),
                        named,
                        event.page(),
                        event.timing(),
                        event.interaction(),
                        client(event.client(), agent, network, tenant.privacy().addresses()),
                        event.purchase(),
                        event.items(),
                        properties(original.properties(), event.properties()));
        return tenant.privacy().keepsTexts() ? clean : FreeTexts.without(clean);
    }

    private @Nullable String agent(ClientContext client, PrivacyRules privacy) {
        String agent = client.userAgent();
        return privacy.keepsAgents() ? agents.kept(agent) : agents.of(agent);
    }

    private ClientContext client(
            ClientContext client,
            @Nullable String agent,
            @Nullable String network,
            AddressPolicy policy) {
        return new ClientContext(
                agent,
                network,
                client.language(),
                client.timezone(),
                client.screenResolution(),
                client.viewportWidth(),
                client.viewportHeight(),
                client.consent(),
                client.gpc(),
                client.dnt(),
                client.collector(),
                place(client.clientIp(), policy));
    }

    private @Nullable Place place(@Nullable String address, AddressPolicy policy) {
        if (policy == AddressPolicy.NONE) {
            return null;
        }
        Place place = places.apply(address);
        return place == null || policy != AddressPolicy.COUNTRY
                ? place
                : new Place(place.country(), null);
    }

    private static String properties(String original, String redacted) {
        return redacted.equals(original) ? redacted : CanonicalPayload.properties(redacted);
    }

    /**
     * An event tells itself how late it is where the collector says when it was received; others
     * are judged by the watermark.
     */
    private SessionRole role(DecodedRecord record, TrackerEvent event, Tenant tenant) {
        Instant received = EventTime.told(event.timing(), record.position().firstAppendedAt());
        SessionRules rules = tenant.rules();
        Long own = tenant.latenessMillis();
        long lateness = own == null ? latenessMillis : Math.min(own, latenessMillis);
        boolean late =
                received != null
                        && received.isAfter(
                                record.occurredAt().plusMillis(rules.gapMillis() + lateness));
        return Roles.of(
                event,
                tenant,
                late,
                received == null && lateness < latenessMillis ? lateness : null);
    }
}
