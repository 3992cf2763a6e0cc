package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Referrer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names the marketing channel of a visit, in the order of Google Analytics 4's default channel
 * group. Table, and where and why it differs: docs/enrichment.md.
 */
public final class Channels {

    private static final String PAID = "paid";
    private static final String PAID_OTHER = "paid_other";
    private static final String DISPLAY = "display";
    private static final String REFERRAL = "referral";
    private static final String EMAIL = "email";
    private static final String ASSISTANT = "assistant";
    private static final String ORGANIC_SHOPPING = "organic_shopping";
    private static final String ORGANIC_SOCIAL = "organic_social";
    private static final String ORGANIC_VIDEO = "organic_video";
    private static final String ORGANIC_SEARCH = "organic_search";
    private static final String OTHER_CAMPAIGN = "other_campaign";
    private static final String SMS = "sms";
    private static final String PUSH = "push";
    private static final String SHOP = "shop";

    /** The group's last lines, of medium or source, in their order. */
    private static final List<String> LAST_LINES =
            List.of(REFERRAL, EMAIL, "affiliate", "audio", SMS, PUSH);

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
        String channel = ofSite(Sources.kind(referrer.host()));
        return channel == null ? REFERRAL : channel;
    }

    /** Whether a URL parameter, in lower case, carries a click id. */
    static boolean isClickId(String parameter) {
        return CLICK_IDS.containsKey(parameter);
    }

    private static String ofCampaign(Campaign campaign, Referrer referrer) {
        String name = campaign.name() == null ? "" : campaign.name().toLowerCase(Locale.ROOT);
        if (name.contains("cross-network")) {
            return "cross_network";
        }
        String source = campaign.source();
        String kind = Sources.kind(source != null ? source : externalHost(referrer));
        if (isShop(name)) {
            kind = Sources.SHOPPING;
        }
        String byMedium = campaign.medium() == null ? null : medium(campaign.medium());
        if (PAID.equals(byMedium) || "cpm".equals(campaign.medium())) {
            String channel = paid(kind);
            if (channel != null) {
                return channel;
            }
        }
        String clickId = clickId(campaign);
        if (DISPLAY.equals(byMedium)) {
            return DISPLAY;
        }
        if (PAID.equals(byMedium)) {
            return paidElsewhere(clickId);
        }
        if (byMedium == null && clickId != null) {
            return clickId;
        }
        return unpaid(kind, byMedium, source);
    }

    private static String unpaid(
            @Nullable String kind, @Nullable String byMedium, @Nullable String source) {
        if (Sources.SHOPPING.equals(kind)) {
            return ORGANIC_SHOPPING;
        }
        if (Sources.SOCIAL.equals(kind) || ORGANIC_SOCIAL.equals(byMedium)) {
            return ORGANIC_SOCIAL;
        }
        if (Sources.VIDEO.equals(kind) || ORGANIC_VIDEO.equals(byMedium)) {
            return ORGANIC_VIDEO;
        }
        if (Sources.ASSISTANT.equals(kind)) {
            return ASSISTANT;
        }
        if (Sources.SEARCH.equals(kind) || ORGANIC_SEARCH.equals(byMedium)) {
            return ORGANIC_SEARCH;
        }
        String bySource = source == null ? null : ofSource(source);
        String channel = firstLine(byMedium, bySource);
        if (bySource == null && (channel == null || channel.equals(REFERRAL))) {
            String bySite = ofSite(kind);
            channel = bySite == null ? channel : bySite;
        }
        return channel == null ? OTHER_CAMPAIGN : channel;
    }

    /** What a source says by its name alone. */
    private static @Nullable String ofSource(String source) {
        return switch (source) {
            case "email", "e-mail", "e_mail", "e mail" -> EMAIL;
            case "sms" -> SMS;
            case "firebase" -> PUSH;
            default -> null;
        };
    }

    private static @Nullable String firstLine(
            @Nullable String byMedium, @Nullable String bySource) {
        for (String line : LAST_LINES) {
            if (line.equals(byMedium) || line.equals(bySource)) {
                return line;
            }
        }
        return null;
    }

    /** Null when the site is of no kind that is a channel. */
    private static @Nullable String ofSite(@Nullable String kind) {
        if (kind == null) {
            return null;
        }
        return switch (kind) {
            case Sources.SEARCH -> ORGANIC_SEARCH;
            case Sources.SOCIAL -> ORGANIC_SOCIAL;
            case Sources.VIDEO -> ORGANIC_VIDEO;
            case Sources.SHOPPING -> ORGANIC_SHOPPING;
            case Sources.EMAIL -> EMAIL;
            case Sources.ASSISTANT -> ASSISTANT;
            case Sources.ADS -> PAID_OTHER;
            case Sources.PAYMENT -> null;
            default -> throw new IllegalStateException("unknown kind of source: " + kind);
        };
    }

    private static @Nullable String paid(@Nullable String kind) {
        if (kind == null) {
            return null;
        }
        return switch (kind) {
            case Sources.SEARCH, Sources.SOCIAL, Sources.VIDEO, Sources.SHOPPING -> "paid_" + kind;
            default -> null;
        };
    }

    private static String paidElsewhere(@Nullable String clickId) {
        if (clickId == null) {
            return PAID_OTHER;
        }
        return switch (clickId) {
            case "paid_search" -> "paid_search";
            case "paid_social", ORGANIC_SOCIAL -> "paid_social";
            default -> PAID_OTHER;
        };
    }

    private static @Nullable String clickId(Campaign campaign) {
        String type = campaign.clickIdType();
        return type == null ? null : CLICK_IDS.getOrDefault(type, OTHER_CAMPAIGN);
    }

    private static @Nullable String medium(String medium) {
        String channel = MEDIA.get(medium);
        if (channel != null) {
            return channel;
        }
        if (medium.contains("cp") || medium.startsWith(PAID)) {
            return PAID;
        }
        if (medium.contains("video")) {
            return ORGANIC_VIDEO;
        }
        boolean push =
                medium.endsWith("push")
                        || medium.contains("mobile")
                        || medium.contains("notification");
        return push ? PUSH : null;
    }

    /** "shopping" anywhere; "shop" at a word's beginning or, as GA4 has it, after an e. */
    private static boolean isShop(String campaignName) {
        int at = campaignName.indexOf(SHOP);
        while (at >= 0) {
            char before = at == 0 ? ' ' : campaignName.charAt(at - 1);
            boolean letter = before >= 'a' && before <= 'z' && before != 'e';
            if (!letter || campaignName.startsWith("shopping", at)) {
                return true;
            }
            at = campaignName.indexOf(SHOP, at + 1);
        }
        return false;
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
