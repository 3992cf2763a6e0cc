package io.onevault.tracking.vault;

import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.enrich.Campaigns;
import io.onevault.tracking.enrich.Channels;
import io.onevault.tracking.enrich.PageUrls;
import io.onevault.tracking.enrich.PassiveTypes;
import io.onevault.tracking.enrich.Referrers;
import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes events as they stand after admission and after enrichment, for tests. */
public final class TestEvents {

    public static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private final String eventId;
    private final List<Item> items = new ArrayList<>();
    private String tenantBk = "acme";
    private String type = EventType.PAGE_VIEW;
    private @Nullable String sessionId = "s1";
    private String visitorBk = "vis_1";
    private @Nullable String userBk;
    private boolean identified;
    private @Nullable String pageViewId = "pv1";
    private Instant occurredAt = START;
    private boolean timed = true;
    private @Nullable Long sequence;
    private Instant appendedAt = START.plusSeconds(1);
    private long offset;
    private @Nullable String url = "https://shop.example/start";
    private @Nullable String action;
    private @Nullable String label;
    private Interaction interaction = Interaction.NONE;
    private String properties = "{}";
    private Purchase purchase = Purchase.NONE;
    private boolean conversion;
    private boolean late;
    private Device device = Device.UNKNOWN;
    private @Nullable SessionRules rules;
    private List<String> objectorBks = List.of();

    private TestEvents(String eventId) {
        this.eventId = eventId;
    }

    public static TestEvents event(String eventId) {
        return new TestEvents(eventId);
    }

    /** Lower-case hex of a tenant's hash key. */
    public static String tenantHk(String tenantBk) {
        return HexFormat.of().formatHex(new HashKeys().hash(tenantBk));
    }

    /** An event without its visitor, who objects by it. */
    public TestEvents objector(String... objectorBks) {
        this.objectorBks = List.of(objectorBks);
        return visitor("anon_" + eventId).session(null);
    }

    public TestEvents tenant(String tenantBk) {
        this.tenantBk = tenantBk;
        return this;
    }

    public TestEvents type(String type) {
        this.type = type;
        return this;
    }

    public TestEvents session(@Nullable String sessionId) {
        this.sessionId = sessionId;
        return this;
    }

    public TestEvents visitor(String visitorBk) {
        this.visitorBk = visitorBk;
        return this;
    }

    /** Has it name its visitor, as with a user it does. */
    public TestEvents identified() {
        identified = true;
        return this;
    }

    /** Names its visitor and a user, by their pseudonyms. */
    public TestEvents user(String userBk) {
        this.userBk = userBk;
        return this;
    }

    public TestEvents occurredAt(Instant occurredAt) {
        this.occurredAt = occurredAt;
        return this;
    }

    public TestEvents sequence(long sequence) {
        this.sequence = sequence;
        return this;
    }

    /** Without a time of its own: it occurred when it was delivered. */
    public TestEvents untimed() {
        this.timed = false;
        return this;
    }

    public TestEvents appendedAt(Instant appendedAt) {
        this.appendedAt = appendedAt;
        return this;
    }

    public TestEvents offset(long offset) {
        this.offset = offset;
        return this;
    }

    public TestEvents url(@Nullable String url) {
        this.url = url;
        return this;
    }

    public TestEvents pageViewId(@Nullable String pageViewId) {
        this.pageViewId = pageViewId;
        return this;
    }

    public TestEvents action(String action) {
        this.action = action;
        return this;
    }

    /** In milliseconds. */
    public TestEvents timeOnPage(long millis) {
        this.interaction = new Interaction(null, null, null, null, millis, null, null, null);
        return this;
    }

    public TestEvents label(@Nullable String label) {
        this.label = label;
        return this;
    }

    public TestEvents properties(String properties) {
        this.properties = properties;
        return this;
    }

    public TestEvents item(Item item) {
        items.add(item);
        return this;
    }

    public TestEvents purchase(Purchase purchase) {
        this.purchase = purchase;
        return this;
    }

    public TestEvents conversion() {
        this.conversion = true;
        return this;
    }

    public TestEvents rules(SessionRules rules) {
        this.rules = SessionRole.carried(rules);
        return this;
    }

    public TestEvents late() {
        this.late = true;
        return this;
    }

    public TestEvents bot() {
        Device d = Device.UNKNOWN;
        this.device =
                new Device(
                        d.type(),
                        d.browser(),
                        d.browserVersion(),
                        d.os(),
                        d.osVersion(),
                        true,
                        "robot",
                        "search");
        return this;
    }

    public AdmittedEvent admitted() {
        TrackerEvent event =
                new TrackerEvent(
                        tenantBk,
                        eventId,
                        type,
                        new Action(null, action, label, null),
                        new Identity(
                                sessionId,
                                userBk == null && !identified ? null : visitorBk,
                                userBk),
                        new PageContext(pageViewId, url, "Start", null),
                        new Timing(timed ? occurredAt : null, occurredAt, appendedAt, sequence),
                        interaction,
                        ClientContext.NONE,
                        purchase,
                        items,
                        properties);
        return new AdmittedEvent(
                tenantBk,
                tenantHk(tenantBk),
                "evt_" + eventId,
                visitorBk,
                occurredAt,
                event,
                CanonicalPayload.of(event),
                new SessionRole(rules, conversion, false, late, null, true, false, false),
                List.<Suspicion>of(),
                new SourcePosition("events", 0, offset, appendedAt),
                new Handling(Keeping.FULL, null),
                objectorBks);
    }

    public EnrichedEvent enriched() {
        AdmittedEvent admitted = admitted();
        Page page = PageUrls.normalise(url);
        Referrer referrer = Referrers.of(null, page, false);
        var campaign = Campaigns.of(url);
        return new EnrichedEvent(
                admitted,
                page,
                referrer,
                campaign,
                Channels.of(campaign, referrer),
                device,
                PassiveTypes.isInteractive(admitted.event()),
                admitted.suspicions());
    }
}
