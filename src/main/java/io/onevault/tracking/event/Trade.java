package io.onevault.tracking.event;

import java.math.BigDecimal;

/**
 * What an event does with money, by its type, its value and its items; {@code business.site_trade}
 * decides the same.
 */
public enum Trade {
    /** It neither sells nor gives back. */
    NONE,
    /** Its lines are sold, or given back where they are negative. */
    SALE,
    /** A purchase that gives back more than it sells; of its lines as of a sale's. */
    RETURN,
    /** All of its lines are given back. */
    REFUND;

    static Trade of(TrackerEvent event) {
        if (!event.isTrade()) {
            return event.type().equals(EventType.REFUND) ? REFUND : NONE;
        }
        if (worth(event).signum() >= 0) {
            return SALE;
        }
        for (Item item : event.items()) {
            if (item.isNegative()) {
                return RETURN;
            }
        }
        return REFUND;
    }

    /**
     * The value; where there is none or zero, what the lines cost; where that is nothing, pieces.
     */
    private static BigDecimal worth(TrackerEvent event) {
        BigDecimal value = event.purchase().value();
        if (value != null && value.signum() != 0) {
            return value;
        }
        BigDecimal money = BigDecimal.ZERO;
        BigDecimal pieces = BigDecimal.ZERO;
        boolean costs = false;
        for (Item item : event.items()) {
            BigDecimal paid = item.paid().abs();
            BigDecimal count = item.pieces().abs();
            costs |= paid.signum() != 0;
            money = item.isNegative() ? money.subtract(paid) : money.add(paid);
            pieces = item.isNegative() ? pieces.subtract(count) : pieces.add(count);
        }
        return costs ? money : pieces;
    }

    /** Whether it is no sale but gives money back. */
    boolean isRefund() {
        return this == RETURN || this == REFUND;
    }

    /** Whether it gives back a line of its items. */
    public boolean givesBack(Item item) {
        return this == REFUND || this != NONE && item.isNegative();
    }
}
