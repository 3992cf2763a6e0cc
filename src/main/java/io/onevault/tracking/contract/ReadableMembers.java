package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.Timing;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tenant and clocks of a record that breaks the contract, each where it is in order itself. */
final class ReadableMembers {

    private final RawMembers members = new RawMembers();
    private final Values values = new Values(members::get, UnaryOperator.identity());
    private boolean tenantUnreadable;

    /** Keeps a scalar of the top level or of {@code event_data} when it is of use here. */
    void note(Member.Name name, boolean inEventData, JsonToken token, String text) {
        Member member = name.member();
        boolean clock =
                member == Member.EVENT_TIMESTAMP
                        || member == Member.SENT_AT
                        || member == Member.RECEIVED_AT;
        if (!clock && member != Member.TENANT) {
            return;
        }
        try {
            members.put(name, inEventData, value(token, text));
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

    /** The one tenant that the record names; null when it names none, several or no valid one. */
    @Nullable String tenantBk() {
        if (tenantUnreadable || members.isTenantAmbiguous()) {
            return null;
        }
        try {
            return values.id(Member.TENANT, Limits.ID_CHARS);
        } catch (Violation violation) {
            return null;
        }
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
