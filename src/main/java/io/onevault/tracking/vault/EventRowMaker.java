package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.TrackerEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns an enriched event into its rows. Not thread-safe. */
final class EventRowMaker {

    private static final String VALID = "VALID";
    private static final String SUSPICIOUS = "SUSPICIOUS";
    private static final int FULL_SCORE = 100;
    private static final int SCORE_PER_SUSPICION = 20;
    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();
    private final String recordSource;

    EventRowMaker(String recordSource) {
        this.recordSource = recordSource;
    }

    /** The hash keys of an event and of the hubs it touches. */
    private record EventHks(
            byte[] tenant,
            byte[] event,
            byte[] visitor,
            byte @Nullable [] user,
            byte @Nullable [] page) {}

    void add(EnrichedEvent event, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        String tenantHk = admitted.tenantHk();
        Page page = event.page();
        EventHks hks =
                new EventHks(
                        HEX.parseHex(tenantHk),
                        keys.hub(tenantHk, admitted.eventBk()),
                        keys.hub(tenantHk, admitted.visitorBk()),
                        user(admitted),
                        page == null ? null : keys.hub(tenantHk, page.url()));
        addRaw(event, hks, rows);
        addStaging(event, hks, rows);
        addEvent(event, hks, rows);
        addVisitor(event, hks, rows);
        addUser(event, hks, rows);
        addDay(admitted.occurredAt(), hks.tenant(), rows);
        addPage(event, hks, rows);
        List<byte[]> itemHks = new ArrayList<>();
        for (Item item : admitted.event().items()) {
            itemHks.add(addItem(item, event, hks, rows));
        }
        rows.sums.add(event, hks.tenant(), hks.event(), hks.page(), itemHks);
    }

    /** Of an event of an erased visitor the key alone. */
    void addErased(AdmittedEvent event, EventRows rows) {
        byte[] tenant = HEX.parseHex(event.tenantHk());
        byte[] key = keys.hub(event.tenantHk(), event.eventBk());
        addHub(event, key, tenant, rows);
        addDay(event.occurredAt(), tenant, rows);
        rows.erased.add(event.occurredAt(), key, tenant);
        byte[] user = user(event);
        if (user != null) {
            byte[] visitor = keys.hub(event.tenantHk(), event.visitorBk());
            byte[] link = keys.link(user, visitor, event.tenantHk());
            rows.erasedUserVisitor.addOnce(link, tenant, user, visitor);
        }
    }

    private byte @Nullable [] user(AdmittedEvent event) {
        String userBk = event.userBk();
        return userBk == null ? null : keys.hub(event.tenantHk(), userBk);
    }

    private void addHub(AdmittedEvent event, byte[] key, byte[] tenant, EventRows rows) {
        rows.eventHub.add(
                event.occurredAt(),
                key,
                event.eventBk(),
                tenant,
                event.position().loadDate(),
                recordSource);
    }

    private void addRaw(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        ClientContext client = admitted.event().client();
        rows.raw.add(
                admitted.occurredAt(),
                k.event(),
                k.tenant(),
                admitted.eventBk(),
                admitted.event().identity().visitorId() == null ? admitted.visitorBk() : null,
                null,
                admitted.payload(),
                admitted.event().timing().receivedAt(),
                client.userAgent(),
                client.clientIp(),
                client.collector(),
                status(event.suspicions()),
                codes(event.suspicions()),
                recovery(admitted.position().recovered()),
                admitted.position().topic(),
                admitted.position().partition(),
                admitted.position().offset(),
                admitted.handling().keeping().name(),
                admitted.handling().policyFrom(),
                country(client),
                region(client),
                admitted.position().loadDate(),
                recordSource);
    }

    private void addStaging(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        TrackerEvent e = admitted.event();
        Campaign campaign = event.campaign();
        Device device = event.device();
        rows.staging.add(
                admitted.occurredAt(),
                k.event(),
                k.tenant(),
                k.visitor(),
                k.user(),
                k.page(),
                e.type(),
                event.referrer().host(),
                event.channel(),
                campaign.source(),
                campaign.medium(),
                campaign.name(),
                campaign.term(),
                campaign.content(),
                campaign.clickIdType(),
                campaign.clickId(),
                device.type(),
                device.browser(),
                device.browserVersion(),
                device.os(),
                device.osVersion(),
                device.bot(),
                device.clientType(),
                device.robotKind(),
                country(e.client()),
                region(e.client()),
                e.items().size(),
                status(event.suspicions()),
                codes(event.suspicions()),
                qualityScore(event.suspicions()),
                admitted.position().loadDate(),
                recordSource);
    }

    private void addEvent(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        TrackerEvent e = admitted.event();
        Interaction interaction = e.interaction();
        Instant loadDate = admitted.position().loadDate();
        addHub(admitted, k.event(), k.tenant(), rows);
        Object[] description = {
            e.type(),
            e.action().category(),
            e.action().action(),
            e.action().label(),
            e.action().value(),
            e.page().pageViewId(),
            e.timing().sequence(),
            e.page().title(),
            event.referrer().url(),
            interaction.elementId(),
            interaction.elementClass(),
            interaction.elementText(),
            interaction.scrollDepth(),
            interaction.timeOnPage(),
            interaction.clickX(),
            interaction.clickY(),
            e.client().viewportWidth(),
            e.client().viewportHeight(),
            e.purchase().transactionId(),
            e.purchase().value(),
            e.purchase().currency(),
            ItemsJson.of(e.items()),
            TrackerEvent.NO_PROPERTIES.equals(e.properties()) ? null : e.properties(),
            e.type().equals(EventType.WEB_VITALS) ? event.device().type() : null,
            event.device().bot()
        };
        rows.eventDetails.add(
                around(
                        new Object[] {admitted.occurredAt(), k.event()},
                        description,
                        k.tenant(),
                        loadDate,
                        recordSource));
        rows.writtenSums.add(admitted.occurredAt(), k.event());
    }

    private void addVisitor(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        Instant loadDate = admitted.position().loadDate();
        rows.visitorHub.addOnce(
                k.visitor(), k.visitor(), admitted.visitorBk(), k.tenant(), loadDate, recordSource);
    }

    private void addUser(EnrichedEvent event, EventHks k, EventRows rows) {
        byte[] user = k.user();
        if (user == null) {
            return;
        }
        AdmittedEvent admitted = event.admitted();
        byte[] link = keys.link(user, k.visitor(), admitted.tenantHk());
        rows.userVisitor.addOnce(
                link,
                link,
                user,
                k.visitor(),
                k.tenant(),
                admitted.position().loadDate(),
                recordSource);
    }

    private static void addDay(Instant occurredAt, byte[] tenant, EventRows rows) {
        Instant day = occurredAt.truncatedTo(ChronoUnit.DAYS);
        byte[] key =
                ByteBuffer.allocate(tenant.length + Long.BYTES)
                        .put(tenant)
                        .putLong(day.getEpochSecond())
                        .array();
        rows.tenantDay.addOnce(key, tenant, day);
    }

    private void addPage(EnrichedEvent event, EventHks k, EventRows rows) {
        Page page = event.page();
        byte[] pageHk = k.page();
        if (page == null || pageHk == null) {
            return;
        }
        AdmittedEvent admitted = event.admitted();
        Instant loadDate = admitted.position().loadDate();
        rows.pageHub.addOnce(pageHk, pageHk, page.url(), k.tenant(), loadDate, recordSource);
        rows.eventPage.add(
                admitted.occurredAt(),
                keys.link(k.event(), pageHk, admitted.tenantHk()),
                k.event(),
                pageHk,
                k.tenant(),
                loadDate,
                recordSource);
    }

    private byte[] addItem(Item item, EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        String tenantHk = admitted.tenantHk();
        Instant loadDate = admitted.position().loadDate();
        byte[] itemHk = keys.hub(tenantHk, item.itemId());
        rows.itemHub.addOnce(itemHk, itemHk, item.itemId(), k.tenant(), loadDate, recordSource);
        byte[] eventItemHk = keys.link(k.event(), itemHk, tenantHk);
        rows.eventItem.addOnce(
                eventItemHk,
                admitted.occurredAt(),
                eventItemHk,
                k.event(),
                itemHk,
                k.tenant(),
                loadDate,
                recordSource);
        byte[] visitorItemHk = keys.link(k.visitor(), itemHk, tenantHk);
        rows.visitorItem.addOnce(
                visitorItemHk,
                visitorItemHk,
                k.visitor(),
                itemHk,
                k.tenant(),
                loadDate,
                recordSource);
        return itemHk;
    }

    private static Object[] around(Object[] before, Object[] description, Object... after) {
        Object[] row = new Object[before.length + description.length + after.length];
        System.arraycopy(before, 0, row, 0, before.length);
        System.arraycopy(description, 0, row, before.length, description.length);
        System.arraycopy(after, 0, row, before.length + description.length, after.length);
        return row;
    }

    private static @Nullable String recovery(@Nullable Recovery recovered) {
        return recovered == null ? null : "recovered from " + recovered.place();
    }

    private static @Nullable String country(ClientContext client) {
        return client.place() == null ? null : client.place().country();
    }

    private static @Nullable String region(ClientContext client) {
        return client.place() == null ? null : client.place().region();
    }

    private static String status(List<Suspicion> suspicions) {
        return suspicions.isEmpty() ? VALID : SUSPICIOUS;
    }

    private static @Nullable List<Suspicion> codes(List<Suspicion> suspicions) {
        return suspicions.isEmpty() ? null : suspicions;
    }

    private static int qualityScore(List<Suspicion> suspicions) {
        return Math.max(0, FULL_SCORE - SCORE_PER_SUSPICION * suspicions.size());
    }
}
