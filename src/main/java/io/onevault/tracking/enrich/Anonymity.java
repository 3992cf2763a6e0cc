package io.onevault.tracking.enrich;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import org.jspecify.annotations.Nullable;

/**
 * Takes the visitor out of an event: its ids, its agent and address, what its screen and the count
 * of its events tell it by, ids of clicks in URLs, and labels, values, texts and ids of elements,
 * URLs' other parameters and properties, which may hold any id. What is left joins with the events
 * of one page view on one day.
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
     * @param keyed what makes hashes under the tenant's secret
     * @param view what stands for its page view on its day; null where it has none
     * @param robot the text of a robot, null of a person: robots agree to nothing, and would count
     *     as people
     */
    public static TrackerEvent of(
            TrackerEvent event, Hmac keyed, @Nullable AnonymousView view, @Nullable String robot) {
        PageContext page = event.page();
        String id = event.eventId();
        return new TrackerEvent(
                event.tenantBk(),
                id == null ? null : Pseudonyms.anonymousId(keyed, id),
                event.type(),
                withoutTexts(event.action()),
                Identity.NONE,
                new PageContext(
                        view == null ? null : view.id(),
                        page(page.url()),
                        page.title(),
                        FreeTexts.place(page.referrer())),
                withoutCount(event.timing()),
                withoutTexts(event.interaction()),
                client(event.client(), robot),
                withoutId(event.purchase()),
                event.items(),
                LimitedUse.of(event.properties()));
    }

    private static Action withoutTexts(Action action) {
        return new Action(action.category(), action.action(), null, null);
    }

    private static Purchase withoutId(Purchase purchase) {
        return new Purchase(null, purchase.value(), purchase.currency());
    }

    private static Timing withoutCount(Timing timing) {
        return new Timing(timing.eventTimestamp(), timing.sentAt(), timing.receivedAt());
    }

    private static Interaction withoutTexts(Interaction interaction) {
        return new Interaction(
                null,
                null,
                null,
                interaction.scrollDepth(),
                interaction.timeOnPage(),
                interaction.clickX(),
                interaction.clickY(),
                interaction.interactive());
    }

    private static ClientContext client(ClientContext client, @Nullable String robot) {
        return new ClientContext(
                robot,
                null,
                FreeTexts.language(client),
                FreeTexts.zone(client),
                null,
                null,
                null,
                client.consent(),
                client.gpc(),
                client.dnt(),
                FreeTexts.collector(client),
                client.place());
    }

    /** The page by its path, and its campaign; of a click only by which network it was. */
    private static @Nullable String page(@Nullable String url) {
        String path = url == null ? null : path(url);
        if (path == null) {
            return null;
        }
        Campaign campaign = Campaigns.of(url);
        if (campaign == Campaign.NONE) {
            return path;
        }
        StringBuilder out = new StringBuilder(path);
        boolean first = append("utm_source", campaign.source(), true, out);
        first = append("utm_medium", campaign.medium(), first, out);
        first = append("utm_campaign", campaign.name(), first, out);
        first = append("utm_term", campaign.term(), first, out);
        first = append("utm_content", campaign.content(), first, out);
        if (campaign.clickIdType() != null) {
            append(campaign.clickIdType(), CLICKED, first, out);
        }
        return out.toString();
    }

    private static @Nullable String path(String url) {
        String plain = PlainUrls.path(url);
        if (plain != null) {
            return plain;
        }
        Page page = PageUrls.takeApart(url);
        return page == null ? null : page.url().substring(0, Chars.indexOfAny(page.url(), 0, "?;"));
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
