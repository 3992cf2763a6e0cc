package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Campaign;
import org.jspecify.annotations.Nullable;

/** Reads the campaign out of a landing URL. Rules: docs/enrichment.md. */
public final class Campaigns {

    private Campaigns() {}

    /**
     * The campaign that a URL names in its query or its fragment, or {@link Campaign#NONE}; of
     * several values for the same thing the first counts.
     */
    public static Campaign of(@Nullable String url) {
        if (url == null || url.indexOf('=') < 0 && !isEncodedOnceTooOften(url)) {
            return Campaign.NONE;
        }
        String rawUrl = Ampersands.unescape(url);
        CampaignValues values = new CampaignValues();
        int hash = rawUrl.indexOf('#');
        int queryEnd = hash < 0 ? rawUrl.length() : hash;
        int mark = rawUrl.indexOf('?');
        if (mark >= 0 && mark < queryEnd) {
            read(rawUrl.substring(mark + 1, queryEnd), values);
        }
        if (hash >= 0) {
            // "#/route?utm_source=x" of single-page sites, or "#utm_source=x".
            int routeMark = rawUrl.indexOf('?', hash);
            read(rawUrl.substring((routeMark < 0 ? hash : routeMark) + 1), values);
        }
        return values.campaign();
    }

    private static void read(String query, CampaignValues values) {
        QueryParameters parameters = new QueryParameters(query);
        while (parameters.next()) {
            if (parameters.hasEqualsSign()) {
                values.take(parameters);
            } else {
                readAgain(parameters.name(), values);
            }
        }
    }

    /** A part of a query that became one name, because it was encoded once too often. */
    private static void readAgain(String decoded, CampaignValues values) {
        if (decoded.indexOf('=') >= 0) {
            read(decoded, values);
        }
    }

    private static boolean isEncodedOnceTooOften(String url) {
        return url.contains("%3D") || url.contains("%3d");
    }
}
