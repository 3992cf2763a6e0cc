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
import java.math.BigDecimal;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Builds the event of one parsed record, member by member in the order of the contract. */
final class EventBuilder {

    /** Greatest integer that every JSON implementation keeps exactly: 2^53 - 1. */
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

    private final RawEvent raw;
    private final Values values;

    EventBuilder(RawEvent raw, Values values) {
        this.raw = raw;
        this.values = values;
    }

    /** The event; throws a {@link Violation} for the first member that breaks the contract. */
    TrackerEvent build() {
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
            throw new Violation(
                    RejectReason.TENANT_MISMATCH, Member.TENANT.canonicalName(), "one tenant");
        }
        String tenantBk =
                values.id(get(Member.TENANT), Member.TENANT.canonicalName(), Limits.ID_CHARS);
        if (tenantBk == null) {
            throw new Violation(
                    RejectReason.MISSING_TENANT, Member.TENANT.canonicalName(), "a tenant");
        }
        return tenantBk;
    }

    private String type() {
        Member member = Member.TYPE;
        String type = values.id(get(member), member.canonicalName(), Limits.TYPE_CHARS);
        if (type == null) {
            throw new Violation(
                    RejectReason.MISSING_EVENT_TYPE, member.canonicalName(), "an event type");
        }
        return type;
    }

    private Action action() {
        return new Action(
                text(Member.CATEGORY),
                text(Member.ACTION),
                text(Member.LABEL),
                text(Member.EVENT_VALUE));
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
                url(Member.PAGE_URL),
                text(Member.PAGE_TITLE),
                url(Member.PAGE_REFERRER));
    }

    private Timing timing() {
        return new Timing(
                instant(Member.EVENT_TIMESTAMP),
                instant(Member.SENT_AT),
                instant(Member.RECEIVED_AT),
                values.whole(
                        get(Member.SEQUENCE),
                        Member.SEQUENCE.canonicalName(),
                        -MAX_SAFE_INTEGER,
                        MAX_SAFE_INTEGER));
    }

    private Purchase purchase() {
        return new Purchase(name(Member.TRANSACTION_ID), amount(Member.VALUE), currency());
    }

    private Interaction interaction() {
        return new Interaction(
                text(Member.ELEMENT_ID),
                text(Member.ELEMENT_CLASS),
                text(Member.ELEMENT_TEXT),
                values.percent(get(Member.SCROLL_DEPTH), Member.SCROLL_DEPTH.canonicalName()),
                values.whole(
                        get(Member.TIME_ON_PAGE),
                        Member.TIME_ON_PAGE.canonicalName(),
                        0,
                        MAX_SAFE_INTEGER),
                integer(Member.CLICK_X, Integer.MIN_VALUE),
                integer(Member.CLICK_Y, Integer.MIN_VALUE),
                values.flag(get(Member.INTERACTIVE), Member.INTERACTIVE.canonicalName()));
    }

    private ClientContext client() {
        return new ClientContext(
                text(Member.USER_AGENT),
                text(Member.CLIENT_IP),
                text(Member.LANGUAGE),
                text(Member.TIMEZONE),
                text(Member.SCREEN_RESOLUTION),
                integer(Member.VIEWPORT_WIDTH, 0),
                integer(Member.VIEWPORT_HEIGHT, 0),
                values.text(Consent.of(get(Member.CONSENT)), Member.CONSENT.canonicalName()),
                Consent.signal(get(Member.GPC)),
                Consent.signal(get(Member.DNT)),
                text(Member.COLLECTOR),
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
            String id = values.id(value, member.canonicalName(), Limits.ID_CHARS);
            String name = values.unless(id, nobody);
            if (name != null) {
                return name;
            }
        }
        return null;
    }

    private @Nullable String text(Member member) {
        return values.text(get(member), member.canonicalName());
    }

    private @Nullable String url(Member member) {
        return values.url(get(member), member.canonicalName());
    }

    private @Nullable Instant instant(Member member) {
        return values.instant(get(member), member.canonicalName());
    }

    private @Nullable BigDecimal amount(Member member) {
        return values.amount(get(member), member.canonicalName());
    }

    private @Nullable String currency() {
        return values.currency(get(Member.CURRENCY), Member.CURRENCY.canonicalName());
    }

    private @Nullable Integer integer(Member member, int lowest) {
        return values.integer(get(member), member.canonicalName(), lowest);
    }
}
