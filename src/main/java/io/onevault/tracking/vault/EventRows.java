package io.onevault.tracking.vault;

import io.onevault.tracking.cache.LastUsed;
import java.util.List;
import java.util.Map;

/** The rows that one micro-batch of events makes, table by table. */
final class EventRows {

    final Rows raw = new Rows(EventTables.RAW);
    final Rows staging = new Rows(EventTables.STAGING);
    final Rows eventHub = new Rows(EventTables.EVENT_HUB);
    final Rows visitorHub;
    final Rows pageHub;
    final Rows itemHub;
    final Rows eventPage = new Rows(EventTables.EVENT_PAGE_LINK);
    final Rows eventItem = new Rows(EventTables.EVENT_ITEM_LINK);
    final Rows visitorItem;
    final Rows userVisitor;

    /** Not remembered, as retention may take a day away at any time; there is a row or two. */
    final Rows tenantDay = new Rows(EventTables.TENANT_DAY);

    final Rows eventDetails = new Rows(EventTables.EVENT_DETAILS);
    final Rows erased = new Rows(EventTables.ERASED);
    final Rows erasedVisitor = new Rows(EventTables.ERASED_VISITOR);
    final Rows objections = new Rows(EventTables.OBJECTION);
    final Rows writtenSums = new Rows(EventTables.WRITTEN_SUMS);
    final EventSums sums = new EventSums();

    EventRows(Known known) {
        visitorHub = new Rows(EventTables.VISITOR_HUB, known.visitors);
        pageHub = new Rows(EventTables.PAGE_HUB, known.pages);
        itemHub = new Rows(EventTables.ITEM_HUB, known.items);
        visitorItem = new Rows(EventTables.VISITOR_ITEM_LINK, known.visitorItems);
        userVisitor = new Rows(EventTables.USER_VISITOR_LINK, known.userVisitors);
    }

    /** What many events have in common and is in the vault, what was used last of it. */
    static final class Known {

        private static final int MOST = 50_000;

        private final Map<HashKey, Boolean> visitors = new LastUsed<>(MOST);
        private final Map<HashKey, Boolean> pages = new LastUsed<>(MOST);
        private final Map<HashKey, Boolean> items = new LastUsed<>(MOST);
        private final Map<HashKey, Boolean> visitorItems = new LastUsed<>(MOST);
        private final Map<HashKey, Boolean> userVisitors = new LastUsed<>(MOST);

        /** What erasure and retention take out of the vault. */
        void forgetVisitors() {
            visitorItems.clear();
            userVisitors.clear();
        }
    }

    /** Rows ordered by (event time, hash key). */
    List<Rows> grain() {
        return List.of(raw, staging, eventHub, eventPage, eventItem, eventDetails);
    }

    /** Rows ordered by hash key. */
    List<Rows> keyed() {
        return List.of(visitorHub, pageHub, itemHub, visitorItem, userVisitor);
    }

    /** Hubs and sums come last: others may wait for their rows until the transaction ends. */
    List<Rows> inTableOrder() {
        return List.of(
                raw,
                staging,
                eventHub,
                eventPage,
                eventItem,
                eventDetails,
                visitorItem,
                userVisitor,
                tenantDay,
                visitorHub,
                pageHub,
                itemHub,
                erased,
                erasedVisitor,
                objections,
                writtenSums,
                sums.rows());
    }
}
