package io.onevault.tracking.state;

import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.TrackerEvent;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the items of an event are worth by currency: price × quantity, as items are counted. It
 * stands for the value that the event does not name.
 *
 * @param revenue of what is sold
 * @param refunds of what is given back, without sign
 */
public record ItemMoney(Map<String, BigDecimal> revenue, Map<String, BigDecimal> refunds) {

    /** Null where the event names a value, is no trade, or no item has a price. */
    public static @Nullable ItemMoney of(TrackerEvent event) {
        boolean refund = event.isRefund();
        if (event.purchase().value() != null || !(refund || event.isTrade())) {
            return null;
        }
        Map<String, BigDecimal> revenue = new TreeMap<>();
        Map<String, BigDecimal> refunds = new TreeMap<>();
        boolean priced = false;
        for (Item item : event.items()) {
            priced |= item.price() != null;
            BigDecimal paid = item.paid();
            if (paid.signum() != 0) {
                var sums = refund || item.isNegative() ? refunds : revenue;
                sums.merge(event.currency(item), paid.abs(), BigDecimal::add);
            }
        }
        return priced ? new ItemMoney(revenue, refunds) : null;
    }
}
