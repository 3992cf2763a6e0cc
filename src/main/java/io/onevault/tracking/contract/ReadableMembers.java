package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.Timing;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tenant, visitor and clocks of a record that breaks the contract, each where it is in order. */
final class ReadableMembers {

    private static final Set<Member> READ =
            Set.of(
                    Member.TENANT,
                    Member.VISITOR_ID,
                    Member.USER_ID,
                    Member.EVENT_TIMESTAMP,
                    Member.SENT_AT,
                    Member.RECEIVED_AT);

    /** The collector tells by it whose key was given, behind all that the event says itself. */
    private static final Member.Name KEYS_TENANT =
            Objects.requireNonNull(Member.names().get("tenantBk"));

    private static final String STAMPED = "http";

    private final RawMembers members = new RawMembers();
    private final Values values = new Values(members::get, UnaryOperator.identity());
    private boolean tenantUnreadable;
    private @Nullable Object keysTenant;
    private boolean stamped;

    /** Keeps a scalar of the top level or of {@code event_data} when it is of use here. */
    void note(Member.Name name, boolean inEventData, JsonToken token, String text) {
        Member member = name.member();
        if (member == Member.COLLECTOR && !inEventData) {
            stamped = STAMPED.equals(text);
        }
        if (!READ.contains(member)) {
            return;
        }
        try {
            Object value = value(token, text);
            members.put(name, inEventData, value);
            if (name.equals(KEYS_TENANT) && !inEventData) {
                keysTenant = value;
            }
        } catch (Violation violation) {
            tenantUnreadable |= member == Member.TENANT;
        }
    }

    private static @Nullable Object value(JsonToken token, String text) {
        if (token == JsonToken.VALUE_STRING) {
            return Texts.nfc(text);
        }
        return token.isNumeric() ? new NumberText(text) : null;
    }

    /**
     * The one tenant that the record names; null when it names none, several or no valid one. What
     * came with a key is its tenant's, whatever else it names.
     */
    @Nullable String tenantBk() {
        try {
            if (stamped && keysTenant != null) {
                return Values.id(keysTenant, Member.TENANT, Limits.ID_CHARS);
            }
            boolean isOne = !tenantUnreadable && !members.isTenantAmbiguous();
            return isOne ? values.id(Member.TENANT, Limits.ID_CHARS) : null;
        } catch (Violation violation) {
            return null;
        }
    }

    /** Whom it names, as of an event that keeps the contract. */
    Identity named() {
        return new Identity(null, name(Member.VISITOR_ID), name(Member.USER_ID));
    }

    private @Nullable String name(Member member) {
        for (Object value : members.all(member)) {
            try {
                String id = Values.id(value, member, Limits.ID_CHARS);
                if (id != null && !Nobody.is(id)) {
                    return id;
                }
            } catch (Violation violation) {
                // Another may be in order.
            }
        }
        return null;
    }

    /** The event time as far as the clocks in the record tell it. */
    @Nullable Instant occurredAt() {
        Instant event = clock(Member.EVENT_TIMESTAMP);
        Instant received = clock(Member.RECEIVED_AT);
        if (received == null) {
            return event;
        }
        Timing timing = new Timing(event, clock(Member.SENT_AT), received);
        return EventTime.resolve(timing, received).occurredAt();
    }

    private @Nullable Instant clock(Member member) {
        try {
            return values.instant(member);
        } catch (Violation violation) {
            return null;
        }
    }
}
