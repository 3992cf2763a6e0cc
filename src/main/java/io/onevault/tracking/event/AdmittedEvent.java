package io.onevault.tracking.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event of a registered tenant, free of personal data, with its key and its time.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 * @param eventBk event business key by the rule of docs/event-contract.md: {@code evt_}, the
 *     client's id if there is one, and a hash of the content
 * @param visitorBk visitor pseudonym: {@code vis_}, or {@code anon_} of a single page view, and 32
 *     hex digits
 * @param occurredAt event time, UTC, microseconds, by the rule of docs/event-contract.md
 * @param event the redacted event: for ids of session, visitor and user keyed hashes, the address
 *     cut to its network
 * @param payload the event's canonical JSON text, without transport members
 * @param session how this event takes part in sessions
 * @param handling how much of it is kept, and by what
 * @param objectorBks pseudonyms of a visitor and user who are not kept in the event, but object to
 *     sale and sharing by it, under all secrets that the tenant has had; never in state
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
        SourcePosition position,
        Handling handling,
        List<String> objectorBks) {

    /** An event that tells of nobody's objection but its own visitor's. */
    public AdmittedEvent(
            String tenantBk,
            String tenantHk,
            String eventBk,
            String visitorBk,
            Instant occurredAt,
            TrackerEvent event,
            String payload,
            SessionRole session,
            List<Suspicion> suspicions,
            SourcePosition position,
            Handling handling) {
        this(
                tenantBk,
                tenantHk,
                eventBk,
                visitorBk,
                occurredAt,
                event,
                payload,
                session,
                suspicions,
                position,
                handling,
                List.of());
    }

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

    /** Pseudonym of the user; null where the event names none, or no visitor besides. */
    public @Nullable String userBk() {
        return event.identity().visitorId() == null ? null : event.identity().userId();
    }

    /** Whether it comes once more to be forgotten, as its visitor was erased. */
    public boolean isForgotten() {
        return handling.keeping() == Keeping.NOTHING;
    }

    /**
     * The time in the event's key, which all its deliveries tell: its own; without one the UTC day
     * of its reception, of an event without an id the reception that the collector tells.
     */
    public Instant keyedAt() {
        Instant timestamp = event.timing().eventTimestamp();
        if (timestamp != null) {
            return timestamp.truncatedTo(ChronoUnit.MICROS);
        }
        Instant receivedAt = event.timing().receivedAt();
        return event.eventId() == null && receivedAt != null
                ? receivedAt.truncatedTo(ChronoUnit.MICROS)
                : occurredAt.truncatedTo(ChronoUnit.DAYS);
    }

    /** This event with other items; its payload and its key stay. */
    AdmittedEvent with(List<Item> items) {
        return with(occurredAt, event.with(items), session);
    }

    /** This event at another time, which another delivery of it told. */
    AdmittedEvent at(Instant time) {
        return with(time, event, session);
    }

    /** This event as one that was loaded before. */
    AdmittedEvent repeated() {
        return with(occurredAt, event, session.again());
    }

    private AdmittedEvent with(Instant time, TrackerEvent content, SessionRole role) {
        return new AdmittedEvent(
                tenantBk,
                tenantHk,
                eventBk,
                visitorBk,
                time,
                content,
                payload,
                role,
                suspicions,
                position,
                handling,
                objectorBks);
    }
}
