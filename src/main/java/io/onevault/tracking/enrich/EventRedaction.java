package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the rules of redaction to every text and id of one event, one record at a time. The ids
 * of session, visitor and user are left: keyed hashes take their places.
 */
final class EventRedaction {

    private final Tenant tenant;
    private boolean changed;

    EventRedaction(Tenant tenant) {
        this.tenant = tenant;
    }

    TrackerEvent redact(TrackerEvent event) {
        TrackerEvent redacted =
                new TrackerEvent(
                        event.tenantBk(),
                        id(event.eventId()),
                        noted(event.type(), Redactor.redact(event.type())),
                        action(event.action()),
                        event.identity(),
                        page(event.page()),
                        event.timing(),
                        interaction(event.interaction()),
                        client(event.client()),
                        purchase(event.purchase()),
                        items(event.items()),
                        noted(event.properties(), JsonRedaction.redact(event.properties())));
        // Cheaper than to compare the two.
        return changed ? redacted : event;
    }

    private Action action(Action action) {
        return new Action(
                text(action.category()),
                text(action.action()),
                text(action.label()),
                text(action.value()));
    }

    private PageContext page(PageContext page) {
        return new PageContext(
                id(page.pageViewId()), url(page.url()), text(page.title()), url(page.referrer()));
    }

    private Interaction interaction(Interaction interaction) {
        return new Interaction(
                text(interaction.elementId()),
                text(interaction.elementClass()),
                text(interaction.elementText()),
                interaction.scrollDepth(),
                interaction.timeOnPage(),
                interaction.clickX(),
                interaction.clickY(),
                interaction.interactive());
    }

    private ClientContext client(ClientContext client) {
        return new ClientContext(
                client.userAgent(),
                client.clientIp(),
                text(client.language()),
                text(client.timezone()),
                text(client.screenResolution()),
                client.viewportWidth(),
                client.viewportHeight(),
                text(client.consent()),
                client.gpc(),
                client.dnt(),
                text(client.collector()),
                client.place());
    }

    private Purchase purchase(Purchase purchase) {
        return new Purchase(id(purchase.transactionId()), purchase.value(), purchase.currency());
    }

    private List<Item> items(List<Item> items) {
        if (items.isEmpty()) {
            return items;
        }
        List<Item> redacted = new ArrayList<>(items.size());
        for (Item item : items) {
            String itemId = id(item.itemId());
            redacted.add(
                    new Item(
                            itemId == null ? item.itemId() : itemId,
                            text(item.itemType()),
                            text(item.itemName()),
                            text(item.itemCategory()),
                            text(item.itemBrand()),
                            item.price(),
                            item.currency(),
                            item.quantity()));
        }
        return redacted;
    }

    private @Nullable String text(@Nullable String text) {
        return text == null ? null : noted(text, Redactor.redactTextOrUrl(text));
    }

    private @Nullable String url(@Nullable String url) {
        return url == null ? null : noted(url, UrlRedaction.redact(url));
    }

    /** An id that holds personal data is hashed under a key: still the same for the same data. */
    private @Nullable String id(@Nullable String id) {
        return id == null || Redactor.redact(id).equals(id)
                ? id
                : noted(id, Pseudonyms.redactedId(tenant, id));
    }

    private String noted(String before, String after) {
        changed |= !after.equals(before);
        return after;
    }
}
