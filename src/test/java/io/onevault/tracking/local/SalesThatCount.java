package io.onevault.tracking.local;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.CodePoints;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.TrackerEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Of each order the one event that decides, by rule 11 of docs/sessions.md, and all other sales.
 */
final class SalesThatCount {

    private static final Comparator<AdmittedEvent> EARLIEST =
            Comparator.<AdmittedEvent, Boolean>comparing(sale -> !tellsMoney(sale.event()))
                    .thenComparing(AdmittedEvent::occurredAt)
                    .thenComparing((a, b) -> CodePoints.compare(a.eventBk(), b.eventBk()));

    private final List<AdmittedEvent> counting = new ArrayList<>();

    /** Of the sales of one tenant, which robots and people tell apart. */
    SalesThatCount(List<EnrichedEvent> events) {
        Map<String, AdmittedEvent> ofOrders = new HashMap<>();
        for (EnrichedEvent event : events) {
            AdmittedEvent sale = event.admitted();
            String order = sale.event().purchase().transactionId();
            if (sale.event().isSale() && order == null) {
                counting.add(sale);
            } else if (sale.event().isSale()) {
                ofOrders.merge(
                        order + event.device().bot(),
                        sale,
                        (a, b) -> EARLIEST.compare(a, b) <= 0 ? a : b);
            }
        }
        counting.addAll(ofOrders.values());
    }

    /** By currency, what values tell beyond what items cost: all that sessions know better. */
    Map<String, BigDecimal> beyondItems() {
        Map<String, BigDecimal> beyond = new TreeMap<>();
        for (AdmittedEvent sale : counting) {
            Purchase purchase = sale.event().purchase();
            if (purchase.value() != null) {
                BigDecimal more = purchase.value();
                for (Item item : sale.event().items()) {
                    BigDecimal paid = item.paid().abs();
                    more = item.isNegative() ? more.add(paid) : more.subtract(paid);
                }
                String told = sale.event().valueCurrency();
                beyond.merge(told == null ? Purchase.NO_CURRENCY : told, more, BigDecimal::add);
            }
        }
        beyond.values().removeIf(sum -> sum.signum() == 0);
        beyond.replaceAll((currency, sum) -> sum.stripTrailingZeros());
        return beyond;
    }

    private static boolean tellsMoney(TrackerEvent sale) {
        BigDecimal value = sale.purchase().value();
        return value == null
                ? sale.items().stream().anyMatch(item -> item.paid().signum() != 0)
                : value.signum() != 0;
    }
}
