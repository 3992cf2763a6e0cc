package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Ampersands;
import io.onevault.tracking.event.Campaign;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the campaign out of a landing URL. Rules: docs/enrichment.md. */
public final class Campaigns {

    private static final int MAX_CHARS = 200;

    /** What reports print where there is no value, and what was copied from there. */
    private static final Set<String> NONE = Set.of("(direct)", "(none)", "(not set)");

    // The campaign's values in the order of the record.
    private static final int SOURCE = 0;
    private static final int MEDIUM = 1;
    private static final int NAME = 2;
    private static final int TERM = 3;
    private static final int CONTENT = 4;
    private static final int CLICK_ID_TYPE = 5;
    private static final int CLICK_ID = 6;

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
        String[] values = new String[CLICK_ID + 1];
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
        Campaign campaign =
                new Campaign(
                        lowerCase(values[SOURCE]),
                        lowerCase(values[MEDIUM]),
                        values[NAME],
                        values[TERM],
                        values[CONTENT],
                        values[CLICK_ID_TYPE],
                        values[CLICK_ID]);
        return campaign.isPresent() ? campaign : Campaign.NONE;
    }

    private static void read(String query, String[] values) {
        QueryParameters parameters = new QueryParameters(query);
        while (parameters.next()) {
            if (!parameters.hasEqualsSign()) {
                readAgain(parameters.name(), values);
                continue;
            }
            String name = parameters.name().toLowerCase(Locale.ROOT);
            int field = field(name);
            if (field < 0 || values[field] != null) {
                continue;
            }
            String value = clean(parameters.rawValue());
            if (value != null && field == CLICK_ID) {
                values[CLICK_ID_TYPE] = name;
            }
            values[field] = value;
        }
    }

    /** A part of a query that became one name, because it was encoded once too often. */
    private static void readAgain(String decoded, String[] values) {
        if (decoded.indexOf('=') >= 0) {
            read(decoded, values);
        }
    }

    private static boolean isEncodedOnceTooOften(String url) {
        return url.contains("%3D") || url.contains("%3d");
    }

    private static int field(String name) {
        return switch (name) {
            case "utm_source", "mtm_source", "pk_source" -> SOURCE;
            case "utm_medium", "mtm_medium", "pk_medium" -> MEDIUM;
            case "utm_campaign", "mtm_campaign", "pk_campaign" -> NAME;
            case "utm_term", "mtm_kwd", "mtm_keyword", "pk_kwd", "pk_keyword" -> TERM;
            case "utm_content", "mtm_content", "pk_content" -> CONTENT;
            default -> Channels.isClickId(name) ? CLICK_ID : -1;
        };
    }

    /**
     * The decoded value without control characters and outer white space; null when it is empty or
     * says that there is none.
     */
    private static @Nullable String clean(String raw) {
        String text = PercentCoding.decode(raw, true);
        boolean ascii = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            ascii &= c < 0x80;
            if (Chars.isControl(c)) {
                text = text.replace(c, ' ');
            }
        }
        if (!ascii) {
            text = Normalizer.normalize(text, Normalizer.Form.NFC);
        }
        text = cut(text.strip());
        return text.isEmpty() || NONE.contains(text.toLowerCase(Locale.ROOT)) ? null : text;
    }

    private static String cut(String text) {
        if (text.length() <= MAX_CHARS) {
            return text;
        }
        boolean pair = Character.isHighSurrogate(text.charAt(MAX_CHARS - 1));
        return text.substring(0, pair ? MAX_CHARS - 1 : MAX_CHARS).strip();
    }

    /** Some letters are longer in lower case. */
    private static @Nullable String lowerCase(@Nullable String text) {
        return text == null ? null : cut(text.toLowerCase(Locale.ROOT));
    }
}
