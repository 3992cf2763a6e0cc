package io.onevault.tracking.vault;

import io.onevault.tracking.event.Item;
import io.onevault.tracking.text.CanonicalText;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event says of its items beyond the links: {@code [{"item_id":…,"price":…,"quantity":…}]},
 * in the order of the event. Ids and currencies are escaped; numbers are plain decimals.
 */
final class ItemsJson {

    private ItemsJson() {}

    static @Nullable String of(List<Item> items) {
        if (items.isEmpty()) {
            return null;
        }
        StringBuilder json = new StringBuilder("[");
        for (Item item : items) {
            json.append(json.length() == 1 ? "{" : ",{").append("\"item_id\":");
            CanonicalText.appendJson(json, item.itemId());
            appendNumber(json, "price", item.price());
            if (item.currency() != null) {
                json.append(",\"currency\":");
                CanonicalText.appendJson(json, item.currency());
            }
            appendNumber(json, "quantity", item.quantity());
            json.append('}');
        }
        return json.append(']').toString();
    }

    private static void appendNumber(StringBuilder json, String name, @Nullable BigDecimal number) {
        if (number != null) {
            json.append(",\"").append(name).append("\":").append(CanonicalText.plain(number));
        }
    }
}
