package io.onevault.tracking.vault;

import java.util.List;

/** The rows that one micro-batch of events makes, table by table. */
final class EventRows {

    final Rows raw = new Rows(EventTables.RAW);
    final Rows staging = new Rows(EventTables.STAGING);
    final Rows eventHub = new Rows(EventTables.EVENT_HUB);
    final Rows visitorHub = new Rows(EventTables.VISITOR_HUB);
    final Rows pageHub = new Rows(EventTables.PAGE_HUB);
    final Rows itemHub = new Rows(EventTables.ITEM_HUB);
    final Rows eventPage = new Rows(EventTables.EVENT_PAGE_LINK);
    final Rows eventItem = new Rows(EventTables.EVENT_ITEM_LINK);
    final Rows visitorItem = new Rows(EventTables.VISITOR_ITEM_LINK);
    final Rows eventDetails = new Rows(EventTables.EVENT_DETAILS);

    /** Rows ordered by (event time, hash key). */
    List<Rows> grain() {
        return List.of(raw, staging, eventHub, eventPage, eventItem, eventDetails);
    }

    /** Rows ordered by hash key. */
    List<Rows> keyed() {
        return List.of(visitorHub, pageHub, itemHub, visitorItem);
    }

    List<Rows> inTableOrder() {
        return List.of(
                raw,
                staging,
                eventHub,
                visitorHub,
                pageHub,
                itemHub,
                eventPage,
                eventItem,
                visitorItem,
                eventDetails);
    }
}
