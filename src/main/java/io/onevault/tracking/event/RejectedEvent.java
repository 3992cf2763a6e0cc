package io.onevault.tracking.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refused event: everything needed to explain it and to submit it again.
 *
 * @param field canonical name of the offending member, when one is to blame
 * @param expected what the contract asks for
 * @param tenantBk the tenant that the payload names, when it could be read
 * @param tenantHk hex hash key of that tenant, when it is registered
 * @param named whom it names, by pseudonyms; as the client does, before the tenant is found
 * @param occurredAt event time where it could be read, else the append time
 * @param payload redacted JSON text for the raw layer, when the bytes were JSON
 * @param original the bytes as they came; they go to the rejected topic only. Of an event that the
 *     database refused, they are no longer there, and these are the payload's
 * @param eventBk the key by which the archive has one that the database refused; null of others
 */
public record RejectedEvent(
        RejectReason reason,
        @Nullable String field,
        @Nullable String expected,
        @Nullable String tenantBk,
        @Nullable String tenantHk,
        Identity named,
        Instant occurredAt,
        @Nullable String payload,
        byte[] original,
        SourcePosition position,
        @Nullable String eventBk) {

    /** An event that the database refuses for its data. */
    public static RejectedEvent ofDatabase(AdmittedEvent event, String sqlState) {
        return new RejectedEvent(
                RejectReason.DATABASE_REFUSED,
                null,
                "what the database takes, SQLSTATE " + sqlState,
                event.tenantBk(),
                event.tenantHk(),
                new Identity(null, event.visitorBk(), event.userBk()),
                event.occurredAt(),
                event.payload(),
                event.payload().getBytes(StandardCharsets.UTF_8),
                event.position(),
                event.eventBk());
    }

    /**
     * An event whose tenant is not known.
     *
     * @param original the bytes as they came
     */
    public static RejectedEvent ofNoTenant(
            RejectReason reason,
            @Nullable String tenantBk,
            Instant occurredAt,
            byte[] original,
            SourcePosition position) {
        return new RejectedEvent(
                reason,
                "tenantId",
                reason == RejectReason.AMBIGUOUS_TENANT
                        ? "a business key that only one tenant has"
                        : "the business key of a registered tenant",
                tenantBk,
                null,
                Identity.NONE,
                occurredAt,
                null,
                original,
                position,
                null);
    }

    /** The same of a tenant that is registered, and of whom that has. */
    public RejectedEvent of(@Nullable String registeredHk, Identity pseudonyms) {
        return new RejectedEvent(
                reason,
                field,
                expected,
                tenantBk,
                registeredHk,
                pseudonyms,
                occurredAt,
                payload,
                original,
                position,
                eventBk);
    }

    /** The same for a raw layer that cannot hold the payload. */
    public RejectedEvent withoutPayload() {
        return new RejectedEvent(
                reason,
                field,
                expected,
                tenantBk,
                tenantHk,
                named,
                occurredAt,
                null,
                original,
                position,
                eventBk);
    }
}
