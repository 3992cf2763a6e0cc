package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What events say of an item, counted by hand. */
final class ItemCount {

    private final Map<String, Set<String>> eventsByType = new TreeMap<>();
    private final Set<String> visitors = new HashSet<>();
    private final Map<String, BigDecimal> revenue = new TreeMap<>();
    private final Map<String, BigDecimal> refunds = new TreeMap<>();
    private final Set<String> purchases = new HashSet<>();
    private BigDecimal quantity = BigDecimal.ZERO;
    private BigDecimal refundedQuantity = BigDecimal.ZERO;

    private ItemCount() {}

    /** By item id, in its order. */
    static Map<String, ItemCount> of(List<JsonNode> events) {
        Map<String, ItemCount> counts = new TreeMap<>();
        for (JsonNode event : events) {
            for (JsonNode item : event.path("items")) {
                counts.computeIfAbsent(item.path("item_id").asText(), id -> new ItemCount())
                        .add(item, event);
            }
        }
        return counts;
    }

    private void add(JsonNode item, JsonNode event) {
        String type = event.path("evt_type").asText();
        eventsByType.computeIfAbsent(type, t -> new HashSet<>()).add(event.path("hk").asText());
        visitors.add(event.path("visitor").asText());
        boolean back = isRefund(event) || isNegative(item, "quantity") || isNegative(item, "price");
        BigDecimal pieces = new BigDecimal(item.path("quantity").asText("1")).abs();
        BigDecimal amount = new BigDecimal(item.path("price").asText("0")).abs().multiply(pieces);
        String currency = item.path("currency").asText(event.path("currency").asText("XXX"));
        if (type.equals("purchase") && !back) {
            purchases.add(event.path("hk").asText());
            quantity = quantity.add(pieces);
            revenue.merge(currency, amount, BigDecimal::add);
        } else if (type.equals("purchase") || isRefund(event)) {
            refundedQuantity = refundedQuantity.add(pieces);
            refunds.merge(currency, amount, BigDecimal::add);
        }
    }

    private static boolean isRefund(JsonNode event) {
        String type = event.path("evt_type").asText();
        boolean completes = event.path("evt_action").asText().equals("complete");
        if (!type.equals("purchase") && !(type.equals("transaction_step") && completes)) {
            return type.equals("refund");
        }
        if (event.path("value").isNumber()) {
            return isNegative(event, "value");
        }
        BigDecimal pieces = BigDecimal.ZERO;
        for (JsonNode item : event.path("items")) {
            pieces = pieces.add(new BigDecimal(item.path("quantity").asText("1")));
        }
        return pieces.signum() < 0;
    }

    private static boolean isNegative(JsonNode row, String field) {
        return row.path(field).decimalValue().signum() < 0;
    }

    int events() {
        return eventsByType.values().stream().mapToInt(Set::size).sum();
    }

    int events(String type) {
        return eventsByType.getOrDefault(type, Set.of()).size();
    }

    Set<String> types() {
        return eventsByType.keySet();
    }

    int purchases() {
        return purchases.size();
    }

    int visitors() {
        return visitors.size();
    }

    BigDecimal refundedQuantity() {
        return refundedQuantity;
    }

    Map<String, BigDecimal> refunds() {
        return refunds;
    }

    BigDecimal quantity() {
        return quantity;
    }

    Map<String, BigDecimal> revenue() {
        return revenue;
    }
}
