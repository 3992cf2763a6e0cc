package io.onevault.tracking.contract;

import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.TrackerEvent;
import java.util.List;

/**
 * The one JSON text of an event: canonical names, absent members left out, plain decimals, UTC
 * instants, in the form in which PostgreSQL writes a {@code jsonb}, see {@link JsonText}. Equal
 * events have equal texts, and decoding the text gives the event.
 */
public final class CanonicalPayload {

    private static final int USUAL_CHARS = 1_024;

    private CanonicalPayload() {}

    /**
     * The canonical text, without what describes the delivery instead of the event: {@code
     * sent_at}, {@code received_at}, {@code client_ip}, {@code user_agent} and {@code collector}.
     */
    public static String of(TrackerEvent event) {
        // Members in the order of MemberOrder: the shorter names first.
        JsonText json = new JsonText(USUAL_CHARS).open('{');
        json.member("dnt", event.client().dnt()).member("gpc", event.client().gpc());
        items(json, event.items());
        json.member("value", event.purchase().value());
        clickToUser(json, event);
        currencyToTimezone(json, event);
        labelToVisitor(json, event);
        textToTime(json, event);
        json.member("element_class", event.interaction().elementClass())
                .member("page_referrer", event.page().referrer())
                .member("transaction_id", event.purchase().transactionId())
                .member("viewport_width", event.client().viewportWidth())
                .member("event_timestamp", event.timing().eventTimestamp())
                .member("viewport_height", event.client().viewportHeight())
                .member("screen_resolution", event.client().screenResolution());
        return json.close('}').toString();
    }

    /**
     * The canonical text of properties that were changed as text, which may leave names out of
     * order or twice, or escapes of another form.
     */
    public static String properties(String changed) {
        return Properties.canonical(changed);
    }

    private static void items(JsonText json, List<Item> items) {
        if (items.isEmpty()) {
            return;
        }
        json.name("items").open('[');
        for (Item item : items) {
            json.element()
                    .open('{')
                    .member("price", item.price())
                    .member("item_id", item.itemId())
                    .member("currency", item.currency())
                    .member("quantity", item.quantity())
                    .member("item_name", item.itemName())
                    .member("item_type", item.itemType())
                    .member("item_brand", item.itemBrand())
                    .member("item_category", item.itemCategory())
                    .close('}');
        }
        json.close(']');
    }

    private static void clickToUser(JsonText json, TrackerEvent event) {
        json.member("click_x", event.interaction().clickX())
                .member("click_y", event.interaction().clickY())
                .member("consent", event.client().consent())
                .member("user_id", event.identity().userId());
    }

    private static void currencyToTimezone(JsonText json, TrackerEvent event) {
        json.member("currency", event.purchase().currency())
                .member("event_id", event.eventId())
                .member("evt_type", event.type())
                .member("language", event.client().language())
                .member("page_url", event.page().url())
                .member("sequence", event.timing().sequence())
                .member("tenantId", event.tenantBk())
                .member("timezone", event.client().timezone());
    }

    private static void labelToVisitor(JsonText json, TrackerEvent event) {
        json.member("evt_label", event.action().label())
                .member("evt_value", event.action().value())
                .member("element_id", event.interaction().elementId())
                .member("evt_action", event.action().action())
                .member("page_title", event.page().title());
        if (!event.properties().equals(TrackerEvent.NO_PROPERTIES)) {
            json.name("properties").raw(event.properties());
        }
        json.member("session_id", event.identity().sessionId())
                .member("visitor_id", event.identity().visitorId());
    }

    private static void textToTime(JsonText json, TrackerEvent event) {
        json.member("interactive", event.interaction().interactive())
                .member("element_text", event.interaction().elementText())
                .member("evt_category", event.action().category())
                .member("page_view_id", event.page().pageViewId())
                .member("scroll_depth", event.interaction().scrollDepth())
                .member("time_on_page", event.interaction().timeOnPage());
    }
}
