package io.onevault.tracking.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * An event of a registered tenant, free of personal data, with its key and its time.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 * @param eventBk event business key by the rule of docs/event-contract.md: {@code evt_}, the
 *     client's id if there is one, and a hash of the content
 * @param visitorBk visitor pseudonym: {@code vis_} and 32 hex digits
 * @param occurredAt event time, UTC, microseconds, by the rule of docs/event-contract.md
 * @param event the redacted event: for the visitor's id its pseudonym, no user id, the address cut
 *     to its network
 * @param payload the event's canonical JSON text, without transport members
 * @param session how this event takes part in sessions
 */
public record AdmittedEvent(
        String tenantBk,
        String tenantHk,
        String eventBk,
        String visitorBk,
        Instant occurredAt,
        TrackerEvent event,
        String payload,
        SessionRole session,
        List<Suspicion> suspicions,
        SourcePosition position) {

    /**
     * The id that sessions are keyed by: the client's session id, with the visitor where it does
     * not name a session by itself, else the visitor.
     */
    public String sessionId() {
        String sessionId = event.identity().sessionId();
        if (sessionId == null) {
            return visitorBk;
        }
        return session.perVisitor() ? sessionId + '@' + visitorBk : sessionId;
    }

    /** Whether no delivery changes when it occurred: it is at its own time, uncorrected. */
    public boolean occurredAtItsTimestamp() {
        Instant timestamp = event.timing().eventTimestamp();
        return timestamp != null && occurredAt.equals(timestamp.truncatedTo(ChronoUnit.MICROS));
    }

    /** This event with other items; its payload and its key stay. */
    AdmittedEvent with(List<Item> items) {
        return new AdmittedEvent(
                tenantBk,
                tenantHk,
                eventBk,
                visitorBk,
                occurredAt,
                event.with(items),
                payload,
                session,
                suspicions,
                position);
    }

    /** This event as one that was loaded before, at the time at which it was. */
    AdmittedEvent repeated(Instant loadedAt) {
        return new AdmittedEvent(
                tenantBk,
                tenantHk,
                eventBk,
                visitorBk,
                loadedAt,
                event,
                payload,
                session.again(),
                suspicions,
                position);
    }
}
