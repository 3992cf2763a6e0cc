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
    private BigDecimal quantity = BigDecimal.ZERO;

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
        if (type.equals("purchase")) {
            BigDecimal pieces = new BigDecimal(item.path("quantity").asText("1"));
            quantity = quantity.add(pieces);
            BigDecimal price = new BigDecimal(item.path("price").asText("0"));
            String currency = item.path("currency").asText(event.path("currency").asText("XXX"));
            revenue.merge(currency, price.multiply(pieces), BigDecimal::add);
        }
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
        return events("purchase");
    }

    int visitors() {
        return visitors.size();
    }

    BigDecimal quantity() {
        return quantity;
    }

    Map<String, BigDecimal> revenue() {
        return revenue;
    }
}
