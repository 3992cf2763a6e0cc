package io.onevault.tracking.vault;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.ValueKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts {@code (other)} in the place of an event's values that are not kept. */
final class CappedValues {

    private CappedValues() {}

    /** Decides about the values of one event. */
    interface Decision {
        boolean isKept(ValueKind kind, String value);
    }

    /** The same event where all is kept. */
    static EnrichedEvent of(EnrichedEvent event, Decision decision) {
        Page page = event.page();
        Page keptPage =
                page == null || decision.isKept(ValueKind.PAGE, page.url()) ? page : Page.OTHER;
        Campaign campaign = campaign(event.campaign(), decision);
        List<Item> items = items(event.admitted().event().items(), decision);
        boolean isSame =
                keptPage == page
                        && campaign == event.campaign()
                        && items == event.admitted().event().items();
        return isSame ? event : event.with(keptPage, campaign, items);
    }

    /** Click ids stay: each is of one click, and no report is by them. */
    private static Campaign campaign(Campaign campaign, Decision decision) {
        String source = value(ValueKind.SOURCE, campaign.source(), decision);
        String medium = value(ValueKind.MEDIUM, campaign.medium(), decision);
        String name = value(ValueKind.CAMPAIGN, campaign.name(), decision);
        String term = value(ValueKind.TERM, campaign.term(), decision);
        String content = value(ValueKind.CONTENT, campaign.content(), decision);
        var kept =
                new Campaign(
                        source,
                        medium,
                        name,
                        term,
                        content,
                        campaign.clickIdType(),
                        campaign.clickId());
        return kept.equals(campaign) ? campaign : kept;
    }

    private static @Nullable String value(
            ValueKind kind, @Nullable String value, Decision decision) {
        return value == null || decision.isKept(kind, value) ? value : ValueKind.OTHER;
    }

    private static List<Item> items(List<Item> items, Decision decision) {
        List<Item> kept = null;
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            if (!decision.isKept(ValueKind.ITEM, item.itemId())) {
                kept = kept == null ? new ArrayList<>(items) : kept;
                kept.set(i, item.asOther());
            }
        }
        return kept == null ? items : kept;
    }
}
