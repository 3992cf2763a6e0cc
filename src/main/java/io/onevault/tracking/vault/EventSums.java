package io.onevault.tracking.vault;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.event.Trade;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a micro-batch of events adds to the rollup of analytics: page views by page and day; events,
 * purchases, pieces, revenue and refunds by item, type and day. The same as {@code
 * business.site_event_sums} counts, which has the vitals. Not thread-safe.
 */
final class EventSums {

    private static final String TOP_PAGES = "top_pages";
    private static final String ITEMS = "items";

    /** Of no sum: names an event that counts if it comes first of its order. */
    private static final String ORDERS = "orders";

    /** Of no sum: names an event whose vitals the database counts. */
    private static final String MEASURED = "measured";

    /** In the place of a currency: the row of all that is not money. */
    private static final String NO_MONEY = "";

    private static final int DIMENSION = 1;
    private static final int DAY = 2;
    private static final int VALUE = 3;
    private static final int CURRENCY = 4;

    /**
     * Loaders that add to the same rows in the same order wait for each other, never in a circle.
     */
    private static final Comparator<@Nullable Object[]> KEY_ORDER =
            Rows.byHashKey(0)
                    .thenComparing(Rows.byValue(DIMENSION))
                    .thenComparing(Rows.byValue(DAY))
                    .thenComparing(Rows.byHashKey(VALUE))
                    .thenComparing(Rows.byValue(CURRENCY));

    private final Map<Key, Sum> sums = new HashMap<>();

    /** A value's hash key is its tenant's, too. */
    private record Key(String dimension, HashKey value, Instant day, String currency) {}

    private static final class Sum {
        private final byte[] tenantHk;
        private long pageViews;
        private long events;
        private long conversions;
        private BigDecimal quantity = BigDecimal.ZERO;
        private BigDecimal refundedQuantity = BigDecimal.ZERO;
        private BigDecimal revenue = BigDecimal.ZERO;
        private BigDecimal refunds = BigDecimal.ZERO;

        private Sum(byte[] tenantHk) {
            this.tenantHk = tenantHk;
        }

        private Object[] row(Key key) {
            return new Object[] {
                tenantHk,
                key.dimension(),
                key.day(),
                key.value().bytes(),
                key.currency(),
                pageViews,
                events,
                conversions,
                quantity,
                refundedQuantity,
                revenue,
                refunds
            };
        }
    }

    /**
     * @param itemHks of the event's items, in their order
     */
    void add(
            EnrichedEvent event,
            byte[] tenantHk,
            byte[] eventHk,
            byte @Nullable [] pageHk,
            List<byte[]> itemHks) {
        TrackerEvent e = event.admitted().event();
        Instant occurredAt = event.admitted().occurredAt();
        // Of robots, too, whose orders are counted apart.
        if (isOrder(e) && (!itemHks.isEmpty() || tellsValue(e))) {
            sum(tenantHk, ORDERS, eventHk, occurredAt, NO_MONEY);
        }
        if (event.device().bot()) {
            return;
        }
        if (e.type().equals(EventType.WEB_VITALS)) {
            sum(tenantHk, MEASURED, eventHk, occurredAt, NO_MONEY);
        }
        Instant day = occurredAt.truncatedTo(ChronoUnit.DAYS);
        if (pageHk != null && e.type().equals(EventType.PAGE_VIEW)) {
            sum(tenantHk, TOP_PAGES, pageHk, day, NO_MONEY).pageViews++;
        }
        if (itemHks.isEmpty()) {
            return;
        }
        addItems(e, tenantHk, day, itemHks);
    }

    private void addItems(TrackerEvent e, byte[] tenantHk, Instant day, List<byte[]> itemHks) {
        Trade trade = isOrder(e) ? Trade.NONE : e.trade();
        byte[] type = e.type().getBytes(StandardCharsets.UTF_8);
        Set<HashKey> met = new HashSet<>();
        Set<HashKey> bought = new HashSet<>();
        for (int i = 0; i < itemHks.size(); i++) {
            Item item = e.items().get(i);
            byte[] value = itemValue(itemHks.get(i), type);
            Sum sum = sum(tenantHk, ITEMS, value, day, NO_MONEY);
            sum.events += met.add(new HashKey(value)) ? 1 : 0;
            if (trade == Trade.NONE) {
                continue;
            }
            BigDecimal pieces = item.pieces();
            BigDecimal paid = item.paid();
            Sum money =
                    paid.signum() == 0 ? null : sum(tenantHk, ITEMS, value, day, e.currency(item));
            if (trade.givesBack(item)) {
                sum.refundedQuantity = sum.refundedQuantity.add(pieces.abs());
                if (money != null) {
                    money.refunds = money.refunds.add(paid.abs());
                }
            } else {
                sum.conversions += bought.add(new HashKey(value)) ? 1 : 0;
                sum.quantity = sum.quantity.add(pieces);
                if (money != null) {
                    money.revenue = money.revenue.add(paid);
                }
            }
        }
    }

    /** As {@code business.site_item_value}. */
    private static byte[] itemValue(byte[] itemHk, byte[] type) {
        byte[] value = Arrays.copyOf(itemHk, itemHk.length + type.length);
        System.arraycopy(type, 0, value, itemHk.length, type.length);
        return value;
    }

    /** Such an event may not be the first that tells of its order: the database knows. */
    private static boolean isOrder(TrackerEvent event) {
        return event.purchase().transactionId() != null && event.isSale();
    }

    private static boolean tellsValue(TrackerEvent event) {
        BigDecimal value = event.purchase().value();
        return value != null && value.signum() != 0;
    }

    private Sum sum(byte[] tenantHk, String dimension, byte[] value, Instant day, String currency) {
        return sums.computeIfAbsent(
                new Key(dimension, new HashKey(value), day, currency), key -> new Sum(tenantHk));
    }

    /** Ordered by the rollup's primary key. */
    Rows rows() {
        Rows rows = new Rows(EventTables.NEW_SUMS);
        sums.forEach((key, sum) -> rows.add(sum.row(key)));
        rows.sort(KEY_ORDER);
        return rows;
    }
}
