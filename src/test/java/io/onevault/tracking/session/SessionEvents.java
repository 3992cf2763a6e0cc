package io.onevault.tracking.session;

import io.onevault.tracking.enrich.PassiveTypes;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.state.ItemMoney;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes session events for tests; times in milliseconds after {@link #START}. */
public final class SessionEvents {

    public static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private String eventBk;
    private String tenantHk = "00".repeat(32);
    private String sessionId = "s1";
    private final long millis;
    private String type;
    private Instant loadDate;
    private String pageViewId;
    private String pageUrl;
    private String transactionId;
    private BigDecimal revenue;
    private BigDecimal refund;
    private String currency;
    private boolean conversion;
    private boolean internal;
    private boolean repeated;
    private ItemMoney itemMoney;
    private Device device = Device.UNKNOWN;
    private Campaign campaign = Campaign.NONE;
    private SessionRules rules;
    private String referrerHost;
    private Long sequence;
    private Long lateness;
    private Long leftAfterMillis;

    private SessionEvents(String type, long millis) {
        this.type = type;
        this.millis = millis;
        this.eventBk = "evt_" + type + millis;
        this.loadDate = START.plusSeconds(100_000).plusMillis(millis);
    }

    public static SessionEvents pageView(long millis) {
        return new SessionEvents(EventType.PAGE_VIEW, millis).url("https://a.example/");
    }

    public static SessionEvents ping(long millis) {
        return new SessionEvents(EventType.PAGE_PING, millis).url("https://a.example/");
    }

    public static SessionEvents click(long millis) {
        return new SessionEvents("item_click", millis);
    }

    public static SessionEvents vitals(long millis) {
        return new SessionEvents(EventType.WEB_VITALS, millis);
    }

    public static SessionEvents purchase(long millis, String transactionId, String amount) {
        SessionEvents purchase = new SessionEvents(EventType.PURCHASE, millis);
        purchase.conversion = true;
        purchase.transactionId = transactionId;
        purchase.revenue = amount == null ? null : new BigDecimal(amount);
        purchase.currency = "EUR";
        return purchase;
    }

    /** A purchase of which only items tell the value. */
    public static SessionEvents purchaseOfItems(long millis, String transactionId, String amount) {
        SessionEvents purchase = purchase(millis, transactionId, null);
        purchase.itemMoney = new ItemMoney(Map.of("EUR", new BigDecimal(amount)), Map.of());
        return purchase;
    }

    public static SessionEvents refund(long millis, String transactionId, String amount) {
        SessionEvents refund = new SessionEvents(EventType.REFUND, millis);
        refund.transactionId = transactionId;
        refund.refund = new BigDecimal(amount);
        refund.currency = "EUR";
        return refund;
    }

    public SessionEvents key(String eventBk) {
        this.eventBk = eventBk;
        return this;
    }

    /** The event's place in the order of arrival, which its load date follows. */
    public SessionEvents appended(int place) {
        this.loadDate = START.plusSeconds(100_000).plusMillis(place);
        return this;
    }

    public SessionEvents tenant(String tenantHk) {
        this.tenantHk = tenantHk;
        return this;
    }

    public SessionEvents session(String sessionId) {
        this.sessionId = sessionId;
        return this;
    }

    public SessionEvents url(String pageUrl) {
        this.pageUrl = pageUrl;
        return this;
    }

    public SessionEvents pageViewId(String pageViewId) {
        this.pageViewId = pageViewId;
        return this;
    }

    public SessionEvents source(String source) {
        this.campaign = new Campaign(source, "cpc", "spring", null, null, null, null);
        return this;
    }

    public SessionEvents referrer(String host) {
        this.referrerHost = host;
        return this;
    }

    public SessionEvents rules(SessionRules rules) {
        this.rules = rules;
        return this;
    }

    public SessionEvents sequence(long sequence) {
        this.sequence = sequence;
        return this;
    }

    public SessionEvents lateness(long millis) {
        this.lateness = millis;
        return this;
    }

    public SessionEvents repeated() {
        this.repeated = true;
        return this;
    }

    public SessionEvents leave(long seenMillis) {
        this.leftAfterMillis = seenMillis;
        return this;
    }

    /** As it goes once more. */
    public SessionEvents forgotten() {
        this.type = "";
        return this;
    }

    public SessionEvents robot() {
        this.device = new Device("bot", null, null, null, null, true, "robot", "other");
        return this;
    }

    public SessionEvents internal() {
        this.internal = true;
        return this;
    }

    public SessionEvent make() {
        return new SessionEvent(
                tenantHk,
                sessionId,
                sessionId,
                eventBk,
                "vis_1",
                START.plusMillis(millis),
                sequence,
                loadDate,
                type,
                !PassiveTypes.isPassive(type),
                pageViewId,
                pageUrl,
                conversion,
                transactionId,
                revenue,
                refund,
                currency,
                new Referrer(null, referrerHost, internal),
                "direct",
                campaign,
                device,
                "en",
                rules,
                null,
                lateness,
                repeated,
                itemMoney,
                null,
                List.of(),
                leftAfterMillis);
    }
}
