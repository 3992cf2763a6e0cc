package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What events say of an item, counted by hand. */
final class ItemCount {

    /** Those that tell money first. */
    private static final Comparator<JsonNode> EARLIEST =
            Comparator.<JsonNode, Boolean>comparing(event -> !tellsMoney(event))
                    .thenComparing(VaultFacts.IN_ORDER);

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
        return of(events, events);
    }

    /**
     * @param all whichever there are, of which one counts for an order
     */
    static Map<String, ItemCount> of(List<JsonNode> events, List<JsonNode> all) {
        Map<String, ItemCount> counts = new TreeMap<>();
        Map<String, JsonNode> orders = new HashMap<>();
        for (JsonNode event : all) {
            boolean tells = tellsMoney(event) || !event.path("items").isEmpty();
            if (isSale(event) && tells && isOrder(event)) {
                orders.merge(
                        event.path("transaction_id").asText(),
                        event,
                        (a, b) -> EARLIEST.compare(a, b) <= 0 ? a : b);
            }
        }
        for (JsonNode event : events) {
            for (JsonNode item : event.path("items")) {
                counts.computeIfAbsent(item.path("item_id").asText(), id -> new ItemCount())
                        .add(item, event, orders.get(event.path("transaction_id").asText()));
            }
        }
        return counts;
    }

    /**
     * @param ofOrder the event that counts for the transaction; null for none
     */
    private void add(JsonNode item, JsonNode event, @Nullable JsonNode ofOrder) {
        String type = event.path("evt_type").asText();
        eventsByType.computeIfAbsent(type, t -> new HashSet<>()).add(event.path("hk").asText());
        visitors.add(event.path("visitor").asText());
        if (isSale(event) && isOrder(event) && !event.equals(ofOrder)) {
            return;
        }
        boolean back = givesAllBack(event) || isNegative(item);
        BigDecimal pieces = pieces(item);
        BigDecimal amount = amount(item);
        String currency = item.path("currency").asText(event.path("currency").asText("XXX"));
        if (isSale(event) && !back) {
            purchases.add(event.path("hk").asText());
            quantity = quantity.add(pieces);
            revenue.merge(currency, amount, BigDecimal::add);
        } else if (isSale(event) || isRefund(event)) {
            refundedQuantity = refundedQuantity.add(pieces);
            refunds.merge(currency, amount, BigDecimal::add);
        }
    }

    private static boolean tellsMoney(JsonNode event) {
        JsonNode value = event.path("value");
        return value.isNumber()
                ? value.decimalValue().signum() != 0
                : event.path("items").valueStream().anyMatch(item -> amount(item).signum() != 0);
    }

    private static boolean isOrder(JsonNode event) {
        return event.path("transaction_id").isTextual();
    }

    private static boolean isSale(JsonNode event) {
        return isTrade(event) && !isRefund(event);
    }

    private static boolean isTrade(JsonNode event) {
        String type = event.path("evt_type").asText();
        boolean completes = event.path("evt_action").asText().equals("complete");
        return type.equals("purchase") || type.equals("transaction_step") && completes;
    }

    private static boolean isRefund(JsonNode event) {
        if (!isTrade(event)) {
            return event.path("evt_type").asText().equals("refund");
        }
        BigDecimal value = event.path("value").decimalValue();
        return (value.signum() == 0 ? worth(event.path("items")) : value).signum() < 0;
    }

    private static BigDecimal worth(JsonNode items) {
        BigDecimal money = BigDecimal.ZERO;
        BigDecimal pieces = BigDecimal.ZERO;
        boolean costs = false;
        for (JsonNode item : items) {
            BigDecimal sign = isNegative(item) ? BigDecimal.ONE.negate() : BigDecimal.ONE;
            costs |= amount(item).signum() != 0;
            money = money.add(sign.multiply(amount(item)));
            pieces = pieces.add(sign.multiply(pieces(item)));
        }
        return costs ? money : pieces;
    }

    private static boolean givesAllBack(JsonNode event) {
        return isRefund(event)
                && (!isTrade(event)
                        || event.path("items").valueStream().noneMatch(ItemCount::isNegative));
    }

    private static BigDecimal pieces(JsonNode item) {
        return new BigDecimal(item.path("quantity").asText("1")).abs();
    }

    private static BigDecimal amount(JsonNode item) {
        return new BigDecimal(item.path("price").asText("0")).abs().multiply(pieces(item));
    }

    private static boolean isNegative(JsonNode item) {
        return item.path("quantity").decimalValue().signum() < 0
                || item.path("price").decimalValue().signum() < 0;
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

    /** Hash keys of the visitors. */
    Set<String> metBy() {
        return visitors;
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
