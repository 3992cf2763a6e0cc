package io.onevault.tracking.state;

import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.event.Trade;
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

    /** Null where the event's value tells, or its items tell no money. */
    public static @Nullable ItemMoney of(TrackerEvent event) {
        Trade trade = event.trade();
        if (trade == Trade.NONE || valueTells(event.purchase().value(), trade)) {
            return null;
        }
        Map<String, BigDecimal> revenue = new TreeMap<>();
        Map<String, BigDecimal> refunds = new TreeMap<>();
        for (Item item : event.items()) {
            BigDecimal paid = item.paid();
            if (paid.signum() != 0) {
                var sums = trade.givesBack(item) ? refunds : revenue;
                sums.merge(event.currency(item), paid.abs(), BigDecimal::add);
            }
        }
        return revenue.isEmpty() && refunds.isEmpty() ? null : new ItemMoney(revenue, refunds);
    }

    /** Zero may be the price of what is sold, but is nothing to give back. */
    private static boolean valueTells(@Nullable BigDecimal value, Trade trade) {
        return value != null && (value.signum() != 0 || trade == Trade.SALE);
    }
}
