package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.enrich.Campaigns;
import io.onevault.tracking.enrich.Channels;
import io.onevault.tracking.enrich.Referrers;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Referrer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Compares our channels with what public lists say of referrers and of sources. */
final class SiteFigures {

    private final Map<String, String> expected = new HashMap<>();

    /** The referrers of a parser's tests that it can tell by the site. */
    Set<String> referrers(JsonNode tests) {
        for (JsonNode test : tests) {
            String channel =
                    switch (test.path("medium").asText()) {
                        case "search" -> "organic_search";
                        case "social" -> "organic_social";
                        case "email" -> "email";
                        case "chatbot" -> "assistant";
                        case "paid" -> "paid_other";
                        default -> test.path("medium").asText();
                    };
            expected.put(test.path("uri").asText(), channel);
        }
        return expected.keySet();
    }

    /** The sources of GA4's categories, as {@code utm_source} has them. */
    Set<String> sources(List<String> lines) {
        for (String line : lines) {
            String[] row = line.split(",", 2);
            if (row[1].startsWith("SOURCE_CATEGORY_")) {
                String kind = row[1].substring("SOURCE_CATEGORY_".length());
                expected.put(row[0], "organic_" + kind.toLowerCase(Locale.ROOT));
            }
        }
        return expected.keySet();
    }

    boolean isRight(String entry) {
        return channel(entry).equals(expected.get(entry));
    }

    private static String channel(String entry) {
        if (entry.contains("://")) {
            return Channels.of(Campaign.NONE, Referrers.of(entry, null, false));
        }
        Campaign campaign =
                Campaigns.of(
                        "https://example.com/?utm_source="
                                + entry.replace(" ", "%20").replace("+", "%2B"));
        return Channels.of(campaign, Referrer.NONE);
    }
}
