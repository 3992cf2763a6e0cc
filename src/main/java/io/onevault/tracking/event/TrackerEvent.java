package io.onevault.tracking.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tracker event in canonical form: aliases resolved, {@code event_data} lifted, texts
 * normalised to NFC without outer white space. See docs/event-contract.md.
 *
 * @param eventId the client's id of the event, without prefix
 * @param type {@code evt_type}: a known type or any custom one
 * @param properties members outside the contract, as the canonical text of a JSON object
 */
public record TrackerEvent(
        String tenantBk,
        @Nullable String eventId,
        String type,
        Action action,
        Identity identity,
        PageContext page,
        Timing timing,
        Interaction interaction,
        ClientContext client,
        Purchase purchase,
        List<Item> items,
        String properties) {

    public static final String NO_PROPERTIES = "{}";

    /** Whether the type tells of a trade: a purchase, or the step that completes a transaction. */
    public boolean isTrade() {
        return type.equals(EventType.PURCHASE)
                || type.equals(EventType.TRANSACTION_STEP)
                        && EventType.COMPLETE.equals(action.action());
    }

    /** Whether it tells how long a page view was seen in all. */
    public boolean isLeave() {
        return type.equals(EventType.PAGE_PING) && EventType.LEAVE.equals(action.action());
    }

    public Trade trade() {
        return Trade.of(this);
    }

    /** Whether it gives money back. */
    public boolean isRefund() {
        return trade().isRefund();
    }

    public boolean isSale() {
        return trade() == Trade.SALE;
    }

    /** Of an item's price: its own, else the event's. */
    public String currency(Item item) {
        if (item.currency() != null) {
            return item.currency();
        }
        return purchase.currency() == null ? Purchase.NO_CURRENCY : purchase.currency();
    }

    /** Of its value: its own, else that in which all of its items cost that cost something. */
    public @Nullable String valueCurrency() {
        String found = purchase.currency();
        for (Item item : items) {
            if (purchase.currency() == null && item.paid().signum() != 0) {
                if (item.currency() == null || found != null && !found.equals(item.currency())) {
                    return null;
                }
                found = item.currency();
            }
        }
        return found;
    }

    /** This event with other items. */
    TrackerEvent with(List<Item> otherItems) {
        return new TrackerEvent(
                tenantBk,
                eventId,
                type,
                action,
                identity,
                page,
                timing,
                interaction,
                client,
                purchase,
                otherItems,
                properties);
    }
}
