package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Referrer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names the marketing channel of a visit. Table: docs/enrichment.md. */
public final class Channels {

    private static final String PAID = "paid";
    private static final String REFERRAL = "referral";
    private static final String ORGANIC = "organic_";

    private static final Map<String, String> MEDIA = load("media.csv");
    private static final Map<String, String> CLICK_IDS = load("click-ids.csv");

    private Channels() {}

    /** The channel; a campaign counts for more than the referrer. */
    public static String of(Campaign campaign, Referrer referrer) {
        if (campaign.isPresent()) {
            return ofCampaign(campaign, referrer);
        }
        if (referrer.internal()) {
            return "internal";
        }
        if (referrer.host() == null) {
            return "direct";
        }
        return unpaid(Sources.kind(referrer.host()), REFERRAL);
    }

    /** Whether a URL parameter, in lower case, carries a click id. */
    static boolean isClickId(String parameter) {
        return CLICK_IDS.containsKey(parameter);
    }

    private static String ofCampaign(Campaign campaign, Referrer referrer) {
        String medium = campaign.medium();
        String source = campaign.source();
        String kind = Sources.kind(source != null ? source : externalHost(referrer));
        String byMedium = medium == null ? null : medium(medium);
        if (PAID.equals(byMedium)) {
            return paid(kind, campaign.clickIdType());
        }
        if (byMedium != null && !byMedium.equals(REFERRAL)) {
            return byMedium;
        }
        String clickId = campaign.clickIdType();
        if (clickId != null && byMedium == null) {
            return CLICK_IDS.getOrDefault(clickId, "other_campaign");
        }
        return unpaid(kind, byMedium != null ? byMedium : "other_campaign");
    }

    private static @Nullable String medium(String medium) {
        String channel = MEDIA.get(medium);
        if (channel != null) {
            return channel;
        }
        // "cpc-brand", "paid_x" and the like; "cp" alone stands in words such as "mcp" too.
        boolean paid =
                medium.startsWith(PAID) || medium.startsWith("cpc") || medium.startsWith("ppc");
        if (paid) {
            return PAID;
        }
        return medium.endsWith("push") ? "push" : null;
    }

    private static String paid(@Nullable String kind, @Nullable String clickIdType) {
        if (kind == null) {
            String channel = clickIdType == null ? "" : CLICK_IDS.getOrDefault(clickIdType, "");
            return switch (channel) {
                case "paid_search" -> "paid_search";
                case "paid_social", "organic_social" -> "paid_social";
                default -> "paid_other";
            };
        }
        return switch (kind) {
            case Sources.SEARCH, Sources.SOCIAL, Sources.VIDEO, Sources.SHOPPING -> "paid_" + kind;
            default -> "paid_other";
        };
    }

    private static String unpaid(@Nullable String kind, String otherwise) {
        if (kind == null) {
            return otherwise;
        }
        return switch (kind) {
            case Sources.SEARCH, Sources.SOCIAL, Sources.VIDEO, Sources.SHOPPING -> ORGANIC + kind;
            case Sources.EMAIL -> "email";
            case Sources.ASSISTANT -> "assistant";
            default -> throw new IllegalStateException("unknown kind of source: " + kind);
        };
    }

    private static @Nullable String externalHost(Referrer referrer) {
        return referrer.internal() ? null : referrer.host();
    }

    private static Map<String, String> load(String list) {
        Map<String, String> channels = new HashMap<>();
        for (String[] row : ReferenceList.rows(list, 2)) {
            channels.put(row[0], row[1]);
        }
        return Map.copyOf(channels);
    }
}
