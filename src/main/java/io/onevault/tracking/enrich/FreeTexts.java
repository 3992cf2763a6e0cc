package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.TrackerEvent;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of an event what people or pages word freely, for sites on which that is sensitive:
 * titles, queries and fragments of URLs, labels, values and texts of elements, and properties.
 */
public final class FreeTexts {

    private FreeTexts() {}

    /** The event without free texts. */
    public static TrackerEvent without(TrackerEvent event) {
        Interaction interaction = event.interaction();
        PageContext page = event.page();
        return new TrackerEvent(
                event.tenantBk(),
                event.eventId(),
                event.type(),
                new Action(event.action().category(), event.action().action(), null, null),
                event.identity(),
                new PageContext(page.pageViewId(), place(page.url()), null, place(page.referrer())),
                event.timing(),
                new Interaction(
                        interaction.elementId(),
                        interaction.elementClass(),
                        null,
                        interaction.scrollDepth(),
                        interaction.timeOnPage(),
                        interaction.clickX(),
                        interaction.clickY(),
                        interaction.interactive()),
                event.client(),
                event.purchase(),
                event.items(),
                TrackerEvent.NO_PROPERTIES);
    }

    /** Site and path of a URL. */
    static @Nullable String place(@Nullable String url) {
        return url == null ? null : url.substring(0, Chars.indexOfAny(url, 0, "?#"));
    }
}
