package io.onevault.tracking.contract;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds the event of one parsed record, member by member in the order of the contract. */
final class EventBuilder {

    /** Greatest integer that every JSON implementation keeps exactly: 2^53 - 1. */
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

    private final RawEvent raw;
    private final Values values;

    /**
     * @param redactText takes personal data out of a text that has to be cut
     */
    EventBuilder(RawEvent raw, UnaryOperator<String> redactText) {
        this.raw = raw;
        this.values = new Values(raw.members()::get, redactText);
    }

    /** The event; throws a {@link Violation} for the first member that breaks the contract. */
    Decoded.Valid build() {
        TrackerEvent event = event();
        return new Decoded.Valid(event, values.suspicions());
    }

    private TrackerEvent event() {
        // Items before properties: what they have beyond the contract becomes a property.
        return new TrackerEvent(
                tenant(),
                name(Member.EVENT_ID),
                type(),
                action(),
                identity(),
                page(),
                timing(),
                interaction(),
                client(),
                purchase(),
                new ItemReader(raw, values).read(),
                Properties.of(raw));
    }

    private String tenant() {
        if (raw.members().isTenantAmbiguous()) {
            throw Member.TENANT.breach(RejectReason.TENANT_MISMATCH, "one tenant");
        }
        String tenantBk = values.id(Member.TENANT, Limits.ID_CHARS);
        if (tenantBk == null) {
            throw Member.TENANT.breach(RejectReason.MISSING_TENANT, "a tenant");
        }
        return tenantBk;
    }

    private String type() {
        String type = values.id(Member.TYPE, Limits.TYPE_CHARS);
        if (type == null) {
            throw Member.TYPE.breach(RejectReason.MISSING_EVENT_TYPE, "an event type");
        }
        return type;
    }

    private Action action() {
        return new Action(
                values.text(Member.CATEGORY),
                values.text(Member.ACTION),
                values.text(Member.LABEL),
                values.text(Member.EVENT_VALUE));
    }

    private Identity identity() {
        return new Identity(
                name(Member.SESSION_ID, Nobody::isSession),
                name(Member.VISITOR_ID),
                name(Member.USER_ID));
    }

    private PageContext page() {
        return new PageContext(
                name(Member.PAGE_VIEW_ID),
                values.url(Member.PAGE_URL),
                values.text(Member.PAGE_TITLE),
                values.url(Member.PAGE_REFERRER));
    }

    private Timing timing() {
        return new Timing(
                values.instant(Member.EVENT_TIMESTAMP),
                values.instant(Member.SENT_AT),
                values.instant(Member.RECEIVED_AT),
                values.whole(Member.SEQUENCE, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER));
    }

    private Purchase purchase() {
        return new Purchase(
                name(Member.TRANSACTION_ID),
                values.amount(Member.VALUE),
                values.currency(Member.CURRENCY));
    }

    private Interaction interaction() {
        return new Interaction(
                values.text(Member.ELEMENT_ID),
                values.text(Member.ELEMENT_CLASS),
                values.text(Member.ELEMENT_TEXT),
                values.percent(Member.SCROLL_DEPTH),
                values.whole(Member.TIME_ON_PAGE, 0, MAX_SAFE_INTEGER),
                values.integer(Member.CLICK_X, Integer.MIN_VALUE),
                values.integer(Member.CLICK_Y, Integer.MIN_VALUE),
                values.flag(Member.INTERACTIVE));
    }

    private ClientContext client() {
        return new ClientContext(
                values.text(Member.USER_AGENT),
                values.text(Member.CLIENT_IP),
                values.text(Member.LANGUAGE),
                values.text(Member.TIMEZONE),
                values.text(Member.SCREEN_RESOLUTION),
                values.integer(Member.VIEWPORT_WIDTH, 0),
                values.integer(Member.VIEWPORT_HEIGHT, 0),
                Consent.told(raw.members()),
                Consent.signal(raw.members(), Member.GPC),
                Consent.signal(raw.members(), Member.DNT),
                values.text(Member.COLLECTOR),
                null);
    }

    private @Nullable Object get(Member member) {
        return raw.members().get(member);
    }

    private @Nullable String name(Member member) {
        return name(member, Nobody::is);
    }

    /** The first id that tells one from another, or null where all given name nobody. */
    private @Nullable String name(Member member, Predicate<String> nobody) {
        for (Object value : raw.members().all(member)) {
            String id = Values.id(value, member, Limits.ID_CHARS);
            String name = values.unless(id, nobody);
            if (name != null) {
                return name;
            }
        }
        return null;
    }
}
