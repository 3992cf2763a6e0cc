package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Takes the visitor out of an event: its ids, its agent and address, what its screen tells it by,
 * ids of clicks in URLs, and the properties, which may hold any id. What is left joins with the
 * events of one page view on one day.
 */
public final class Anonymity {

    /** Stands for the id of a click. */
    private static final String CLICKED = "removed";

    private Anonymity() {}

    /**
     * The event without its visitor. Its own id becomes a keyed hash, so that what is sent again
     * counts once; that of its page view as well, for one day.
     *
     * @param event free of personal data
     * @param day of the event, by the tenant's clock
     * @param robot the text of a robot, null of a person: robots agree to nothing, and would count
     *     as people
     */
    public static TrackerEvent of(
            TrackerEvent event, Tenant tenant, LocalDate day, @Nullable String robot) {
        PageContext page = event.page();
        return new TrackerEvent(
                event.tenantBk(),
                Pseudonyms.anonymousId(tenant, "event", event.eventId()),
                event.type(),
                event.action(),
                Identity.NONE,
                new PageContext(
                        Pseudonyms.anonymousId(tenant, "view|" + day, page.pageViewId()),
                        page(page.url()),
                        page.title(),
                        FreeTexts.place(page.referrer())),
                event.timing(),
                event.interaction(),
                client(event.client(), robot),
                new Purchase(null, event.purchase().value(), event.purchase().currency()),
                event.items(),
                TrackerEvent.NO_PROPERTIES);
    }

    private static ClientContext client(ClientContext client, @Nullable String robot) {
        return new ClientContext(
                robot,
                null,
                client.language(),
                client.timezone(),
                null,
                null,
                null,
                client.consent(),
                client.gpc(),
                client.dnt(),
                client.collector(),
                client.place());
    }

    /** The page and its campaign; of a click only by which network it was. */
    private static @Nullable String page(@Nullable String url) {
        Page page = PageUrls.normalise(url);
        if (page == null) {
            return null;
        }
        Campaign campaign = Campaigns.of(url);
        StringBuilder out = new StringBuilder(page.url());
        boolean first = page.query() == null;
        first = append("utm_source", campaign.source(), first, out);
        first = append("utm_medium", campaign.medium(), first, out);
        first = append("utm_campaign", campaign.name(), first, out);
        first = append("utm_term", campaign.term(), first, out);
        first = append("utm_content", campaign.content(), first, out);
        if (campaign.clickIdType() != null) {
            append(campaign.clickIdType(), CLICKED, first, out);
        }
        return out.toString();
    }

    private static boolean append(
            String name, @Nullable String value, boolean first, StringBuilder out) {
        if (value == null) {
            return first;
        }
        out.append(first ? '?' : '&').append(name).append('=');
        QueryValues.encode(value, out);
        return false;
    }
}
