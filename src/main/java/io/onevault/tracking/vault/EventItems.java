package io.onevault.tracking.vault;

import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.TrackerEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** What an event says was bought of its items; an item that it names twice is added up. */
final class EventItems {

    /** ISO 4217 code for "no currency". */
    private static final String NO_CURRENCY = "XXX";

    /**
     * An item of an event.
     *
     * @param quantity pieces bought; zero unless the event is a purchase
     * @param revenue price times pieces; zero unless a purchase says the price
     */
    record Sum(String itemId, String currency, BigDecimal quantity, BigDecimal revenue) {

        private boolean isOf(Sum other) {
            return itemId.equals(other.itemId) && currency.equals(other.currency);
        }

        private Sum plus(Sum other) {
            return new Sum(
                    itemId, currency, quantity.add(other.quantity), revenue.add(other.revenue));
        }
    }

    private EventItems() {}

    static List<Sum> of(TrackerEvent event) {
        if (event.items().isEmpty()) {
            return List.of();
        }
        List<Sum> sums = new ArrayList<>(event.items().size());
        for (Item item : event.items()) {
            add(sum(item, event), sums);
        }
        return sums;
    }

    private static void add(Sum sum, List<Sum> sums) {
        for (int i = 0; i < sums.size(); i++) {
            if (sums.get(i).isOf(sum)) {
                sums.set(i, sums.get(i).plus(sum));
                return;
            }
        }
        sums.add(sum);
    }

    private static Sum sum(Item item, TrackerEvent event) {
        String currency = item.currency() != null ? item.currency() : event.purchase().currency();
        BigDecimal quantity = BigDecimal.ZERO;
        BigDecimal revenue = BigDecimal.ZERO;
        if (event.type().equals(EventType.PURCHASE)) {
            quantity = item.quantity() != null ? item.quantity() : BigDecimal.ONE;
            revenue = item.price() != null ? item.price().multiply(quantity) : BigDecimal.ZERO;
        }
        return new Sum(item.itemId(), currency != null ? currency : NO_CURRENCY, quantity, revenue);
    }
}
