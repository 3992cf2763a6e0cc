package io.onevault.tracking.contract;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.TrackerEvent;
import java.util.List;

/**
 * The one JSON text of an event: canonical names in sorted order, absent members left out, plain
 * decimals, UTC instants. Equal events have equal texts, and decoding the text gives the event.
 */
public final class CanonicalPayload {

    private static final int USUAL_CHARS = 1_024;

    private CanonicalPayload() {}

    /**
     * The canonical text, without what describes the delivery instead of the event: {@code
     * sent_at}, {@code received_at}, {@code client_ip}, {@code user_agent} and {@code collector}.
     */
    public static String of(TrackerEvent event) {
        JsonText json = new JsonText(USUAL_CHARS).open('{');
        clickToEvent(json, event);
        action(json, event.type(), event.action());
        json.member("interactive", event.interaction().interactive());
        items(json, event.items());
        json.member("language", event.client().language());
        page(json, event.page());
        if (!event.properties().equals(Properties.NONE)) {
            json.name("properties").raw(event.properties());
        }
        screenToViewport(json, event);
        json.member("visitor_id", event.identity().visitorId());
        return json.close('}').toString();
    }

    private static void clickToEvent(JsonText json, TrackerEvent event) {
        Interaction interaction = event.interaction();
        json.member("click_x", interaction.clickX())
                .member("click_y", interaction.clickY())
                .member("consent", event.client().consent())
                .member("currency", event.purchase().currency())
                .member("element_class", interaction.elementClass())
                .member("element_id", interaction.elementId())
                .member("element_text", interaction.elementText())
                .member("event_id", event.eventId())
                .member("event_timestamp", event.timing().eventTimestamp());
    }

    private static void action(JsonText json, String type, Action action) {
        json.member("evt_action", action.action())
                .member("evt_category", action.category())
                .member("evt_label", action.label())
                .member("evt_type", type)
                .member("evt_value", action.value());
    }

    private static void items(JsonText json, List<Item> items) {
        if (items.isEmpty()) {
            return;
        }
        json.name("items").open('[');
        for (Item item : items) {
            json.element()
                    .open('{')
                    .member("currency", item.currency())
                    .member("item_brand", item.itemBrand())
                    .member("item_category", item.itemCategory())
                    .member("item_id", item.itemId())
                    .member("item_name", item.itemName())
                    .member("item_type", item.itemType())
                    .member("price", item.price())
                    .member("quantity", item.quantity())
                    .close('}');
        }
        json.close(']');
    }

    private static void page(JsonText json, PageContext page) {
        json.member("page_referrer", page.referrer())
                .member("page_title", page.title())
                .member("page_url", page.url())
                .member("page_view_id", page.pageViewId());
    }

    private static void screenToViewport(JsonText json, TrackerEvent event) {
        ClientContext client = event.client();
        Identity identity = event.identity();
        Purchase purchase = event.purchase();
        json.member("screen_resolution", client.screenResolution())
                .member("scroll_depth", event.interaction().scrollDepth())
                .member("sequence", event.timing().sequence())
                .member("session_id", identity.sessionId())
                .member("tenantId", event.tenantBk())
                .member("time_on_page", event.interaction().timeOnPage())
                .member("timezone", client.timezone())
                .member("transaction_id", purchase.transactionId())
                .member("user_id", identity.userId())
                .member("value", purchase.value())
                .member("viewport_height", client.viewportHeight())
                .member("viewport_width", client.viewportWidth());
    }
}
