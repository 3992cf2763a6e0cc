package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.TrackerEvent;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of an event what people or pages word freely, for sites on which that is sensitive:
 * titles, queries, fragments and path parameters of URLs, labels, values and texts of elements, all
 * of items but their ids, properties, and of the browser what has not the form that it should have.
 */
public final class FreeTexts {

    private static final int MOST_LANGUAGE = 16;
    private static final int MOST_RESOLUTION = 11;
    private static final Set<String> ZONES = Set.copyOf(ZoneId.getAvailableZoneIds());

    /** What collector and relay of ours call themselves. */
    private static final Set<String> COLLECTORS = Set.of("http", "api.track_event");

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
                client(event.client()),
                event.purchase(),
                items(event.items()),
                LimitedUse.of(event.properties()));
    }

    private static ClientContext client(ClientContext client) {
        return new ClientContext(
                client.userAgent(),
                client.clientIp(),
                language(client),
                zone(client),
                isResolution(client.screenResolution()) ? client.screenResolution() : null,
                client.viewportWidth(),
                client.viewportHeight(),
                client.consent(),
                client.gpc(),
                client.dnt(),
                collector(client),
                client.place());
    }

    /** Whoever writes to the topic may have put anything there. */
    static @Nullable String collector(ClientContext client) {
        String collector = client.collector();
        return collector != null && COLLECTORS.contains(collector) ? collector : null;
    }

    static @Nullable String language(ClientContext client) {
        return isLanguage(client.language()) ? client.language() : null;
    }

    static @Nullable String zone(ClientContext client) {
        return isZone(client.timezone()) ? client.timezone() : null;
    }

    private static List<Item> items(List<Item> items) {
        if (items.isEmpty()) {
            return items;
        }
        List<Item> bare = new ArrayList<>(items.size());
        for (Item i : items) {
            bare.add(
                    new Item(
                            i.itemId(),
                            null,
                            null,
                            null,
                            null,
                            i.price(),
                            i.currency(),
                            i.quantity()));
        }
        return bare;
    }

    /** Two or three letters, and what may follow behind a hyphen. */
    private static boolean isLanguage(@Nullable String text) {
        if (text == null || text.length() > MOST_LANGUAGE) {
            return false;
        }
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (Chars.isAlphanumericAt(text, end)) {
                end++;
            }
            int most = start == 0 ? 3 : 8;
            boolean isPart = end > start && end - start <= most;
            if (!isPart || end < text.length() && "-_".indexOf(text.charAt(end)) < 0) {
                return false;
            }
            start = end + 1;
        }
        return true;
    }

    private static boolean isZone(@Nullable String text) {
        return text != null && ZONES.contains(text);
    }

    /** Such as 1920x1080. */
    private static boolean isResolution(@Nullable String text) {
        int times = text == null ? -1 : text.indexOf('x');
        if (text == null || times < 1 || text.length() > MOST_RESOLUTION) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (i != times && !Chars.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Site and path of a URL. */
    static @Nullable String place(@Nullable String url) {
        return url == null ? null : url.substring(0, Chars.indexOfAny(url, 0, "?#;"));
    }
}
