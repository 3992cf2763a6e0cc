package io.onevault.tracking.job.admit;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.state.ArchivedEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes an admitted event again of what is stored of it: with the key, visitor and times that it
 * had, and the part in sessions that its tenant's settings give it now. In history nothing is late.
 */
final class Readmission {

    /** Of events from before consent decided anything. */
    private static final Handling UNDECIDED = new Handling(Keeping.FULL, null);

    private static final Handling FORGOTTEN = new Handling(Keeping.NOTHING, null);

    private final Identities identities = new Identities();
    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    /** Null where the payload is no event any more. */
    @Nullable AdmittedEvent readmit(StoredEvent stored, Tenant tenant) {
        ArchivedEvent archived = stored.event();
        TrackerEvent event = event(archived);
        if (event == null) {
            return null;
        }
        String visitorBk = archived.visitorBk();
        List<Suspicion> suspicions = archived.suspicions();
        if (visitorBk == null) {
            visitorBk = visitorBk(event, tenant);
        }
        if (visitorBk == null) {
            visitorBk = Pseudonyms.unlinkable(identities.keyed(tenant), stored.eventBk());
            suspicions = Suspicion.with(suspicions, Suspicion.VISITOR_UNRECOGNISED);
        }
        return new AdmittedEvent(
                tenant.bk(),
                tenant.hk(),
                stored.eventBk(),
                visitorBk,
                archived.occurredAt(),
                event,
                archived.payload(),
                Roles.of(event, tenant, false, null),
                suspicions,
                position(archived),
                archived.handling() == null ? UNDECIDED : archived.handling());
    }

    /** An event of the archive as it goes once more, to be forgotten. */
    @Nullable AdmittedEvent forgotten(StoredEvent stored) {
        ArchivedEvent archived = stored.event();
        TrackerEvent event = event(archived);
        if (event == null) {
            return null;
        }
        return new AdmittedEvent(
                archived.tenantBk(),
                stored.tenantHk(),
                stored.eventBk(),
                archived.visitorBk(),
                archived.occurredAt(),
                event,
                archived.payload(),
                Roles.ofForgotten(event),
                archived.suspicions(),
                position(archived),
                FORGOTTEN);
    }

    private @Nullable TrackerEvent event(ArchivedEvent archived) {
        byte[] payload = archived.payload().getBytes(StandardCharsets.UTF_8);
        return decoder.decode(payload) instanceof Decoded.Valid valid
                ? withTransport(valid.event(), archived)
                : null;
    }

    static SourcePosition position(ArchivedEvent archived) {
        return new SourcePosition(
                archived.topic(),
                archived.partition(),
                archived.offset(),
                archived.appendedAt(),
                null,
                archived.firstAppendedAt());
    }

    /** What admission makes of an event whose salt is gone; ids are pseudonyms already. */
    private @Nullable String visitorBk(TrackerEvent event, Tenant tenant) {
        String namedBk = event.identity().named();
        String sessionId = event.identity().sessionId();
        if (namedBk != null) {
            return namedBk;
        }
        return sessionId == null ? null : Pseudonyms.ofSession(identities.keyed(tenant), sessionId);
    }

    private static TrackerEvent withTransport(TrackerEvent event, ArchivedEvent archived) {
        Timing timing = event.timing();
        ClientContext client = event.client();
        return new TrackerEvent(
                event.tenantBk(),
                event.eventId(),
                event.type(),
                event.action(),
                event.identity(),
                event.page(),
                new Timing(timing.eventTimestamp(), null, archived.receivedAt(), timing.sequence()),
                event.interaction(),
                new ClientContext(
                        archived.userAgent(),
                        archived.clientNetwork(),
                        client.language(),
                        client.timezone(),
                        client.screenResolution(),
                        client.viewportWidth(),
                        client.viewportHeight(),
                        client.consent(),
                        client.gpc(),
                        client.dnt(),
                        archived.collector(),
                        archived.place()),
                event.purchase(),
                event.items(),
                event.properties());
    }
}
