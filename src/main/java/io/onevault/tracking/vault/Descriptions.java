package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.ValueKind;
import io.onevault.tracking.text.CanonicalText;
import io.onevault.tracking.vault.Description.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the descriptions in an event. */
public final class Descriptions {

    private Descriptions() {}

    /**
     * Visitor and page are described by page views, which carry their whole context; items by every
     * event that says more of them than their id.
     */
    public static List<Description> of(EnrichedEvent event) {
        List<Description> descriptions = new ArrayList<>();
        AdmittedEvent admitted = event.admitted();
        if (admitted.isForgotten()) {
            return List.of(describe(Kind.VISITOR, admitted.visitorBk(), admitted));
        }
        if (admitted.event().type().equals(EventType.PAGE_VIEW)) {
            descriptions.add(visitor(event));
            Page page = event.page();
            if (page != null && !page.url().equals(ValueKind.OTHER)) {
                descriptions.add(page(page, admitted));
            }
        }
        List<Item> items = admitted.event().items();
        for (int i = 0; i < items.size(); i++) {
            if (describes(items.get(i)) && !isDescribedAgain(items, i)) {
                descriptions.add(item(items.get(i), admitted));
            }
        }
        return descriptions;
    }

    /** What stands for many things is none that could be described. */
    private static boolean describes(Item item) {
        if (item.itemId().equals(ValueKind.OTHER)) {
            return false;
        }
        return item.itemType() != null
                || item.itemName() != null
                || item.itemCategory() != null
                || item.itemBrand() != null
                || item.price() != null
                || item.currency() != null;
    }

    /** An event tells one thing of an item: of its lines the last. */
    private static boolean isDescribedAgain(List<Item> items, int line) {
        for (int later = line + 1; later < items.size(); later++) {
            Item item = items.get(later);
            if (item.itemId().equals(items.get(line).itemId()) && describes(item)) {
                return true;
            }
        }
        return false;
    }

    private static Description visitor(EnrichedEvent event) {
        Device device = event.device();
        ClientContext client = event.admitted().event().client();
        return describe(
                Kind.VISITOR,
                event.admitted().visitorBk(),
                event.admitted(),
                device.type(),
                device.browser(),
                device.browserVersion(),
                device.os(),
                device.osVersion(),
                Boolean.toString(device.bot()),
                client.language(),
                client.timezone(),
                client.screenResolution());
    }

    private static Description page(Page page, AdmittedEvent event) {
        return describe(
                Kind.PAGE,
                page.url(),
                event,
                page.url(),
                page.host(),
                page.path(),
                page.query(),
                event.event().page().title());
    }

    private static Description item(Item item, AdmittedEvent event) {
        BigDecimal price = item.price();
        return describe(
                Kind.ITEM,
                item.itemId(),
                event,
                item.itemType(),
                item.itemName(),
                item.itemCategory(),
                item.itemBrand(),
                price == null ? null : CanonicalText.plain(price),
                item.currency());
    }

    private static Description describe(
            Kind kind, String bk, AdmittedEvent event, @Nullable String... values) {
        return new Description(
                kind,
                event.tenantHk(),
                bk,
                event.occurredAt(),
                event.position().firstLoadDate(),
                Arrays.asList(values),
                event.session().repeated());
    }
}
