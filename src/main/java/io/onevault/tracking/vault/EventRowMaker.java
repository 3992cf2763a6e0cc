package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.TrackerEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Turns an enriched event into its rows. Not thread-safe. */
final class EventRowMaker {

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();
    private final ArrivalRows arrivals;
    private final String recordSource;

    EventRowMaker(String recordSource) {
        this.arrivals = new ArrivalRows(recordSource);
        this.recordSource = recordSource;
    }

    void add(EnrichedEvent event, EventRows rows) {
        EventHks hks = EventHks.of(event, keys);
        arrivals.add(event, hks, rows);
        addEvent(event, hks, rows);
        addVisitor(event, hks, rows);
        addUser(event, hks, rows);
        addDay(event.admitted().occurredAt(), hks.tenant(), rows);
        addPage(event, hks, rows);
        List<byte[]> itemHks = new ArrayList<>();
        for (Item item : event.admitted().event().items()) {
            itemHks.add(addItem(item, event, hks, rows));
        }
        rows.sums.add(event, hks.tenant(), hks.event(), hks.page(), itemHks);
    }

    /**
     * Of an event of an erased visitor the key alone.
     *
     * @param loadDate of the delivery that was erased
     * @param layers into which the rows go; a shadow that is still being filled cannot tell whether
     *     anybody else was seen as a visitor, so that it has none erased
     */
    void addErased(AdmittedEvent event, Instant loadDate, Layers layers, EventRows rows) {
        EventHks k = EventHks.ofErased(event, keys);
        addHub(event, loadDate, k, rows);
        addDay(event.occurredAt(), k.tenant(), rows);
        rows.erased.add(event.occurredAt(), k.event(), k.tenant());
        if (layers == Layers.PRODUCTION) {
            byte[] user = k.user();
            byte[] key =
                    user == null ? k.visitor() : keys.link(user, k.visitor(), event.tenantHk());
            rows.erasedVisitor.addOnce(key, k.tenant(), user, k.visitor());
        }
    }

    /** Of whom the event does not keep. A reprocess leaves these as they are. */
    void addObjections(AdmittedEvent event, Layers layers, EventRows rows) {
        if (layers != Layers.PRODUCTION) {
            return;
        }
        for (String objectorBk : event.objectorBks()) {
            rows.objections.add(
                    HEX.parseHex(event.tenantHk()),
                    keys.hub(event.tenantHk(), objectorBk),
                    event.position().firstLoadDate());
        }
    }

    private void addHub(AdmittedEvent event, Instant loadDate, EventHks k, EventRows rows) {
        rows.eventHub.add(
                event.occurredAt(), k.event(), event.eventBk(), k.tenant(), loadDate, recordSource);
    }

    private void addEvent(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        TrackerEvent e = admitted.event();
        Interaction interaction = e.interaction();
        Instant loadDate = admitted.position().loadDate();
        addHub(admitted, loadDate, k, rows);
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
        if (user != null) {
            addUser(event, k, user, rows);
        }
    }

    /** That users of the visitor were erased: nobody who is left was the only one. */
    void addNobody(EnrichedEvent event, EventRows rows) {
        EventHks k = EventHks.of(event, keys);
        String nobody = "nobody_" + HexFormat.of().formatHex(k.visitor());
        addUser(event, k, keys.hub(event.admitted().tenantHk(), nobody), rows);
    }

    private void addUser(EnrichedEvent event, EventHks k, byte[] user, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        byte[] link = keys.link(user, k.visitor(), admitted.tenantHk());
        rows.userVisitor.addOnce(
                link,
                link,
                user,
                k.visitor(),
                k.tenant(),
                admitted.position().firstLoadDate(),
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
                admitted.position().firstLoadDate(),
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
}
