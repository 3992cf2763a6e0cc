package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Campaign;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what the parameters of one URL say of its campaign. Rules: docs/enrichment.md. */
public final class CampaignValues {

    private static final int MAX_CHARS = 200;

    /**
     * A long value is written with so many characters: some more than are read, lest it is cut
     * within what is personal and has to be recognised.
     */
    private static final int WRITTEN_CHARS = 256;

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

    private final @Nullable String[] values = new String[CLICK_ID + 1];

    /**
     * Takes a {@code name=value} as it stands in a URL; of several for the same thing the first
     * counts.
     *
     * @return it, as short as it says the same, or null when it says nothing of the campaign
     */
    public @Nullable String take(String pair) {
        QueryParameters parameter = new QueryParameters(pair);
        if (!parameter.next() || !take(parameter)) {
            return null;
        }
        String raw = parameter.rawValue();
        return raw.length() <= WRITTEN_CHARS
                ? pair
                : pair.substring(0, parameter.end() - raw.length()) + written(decoded(raw));
    }

    /** Takes the current parameter; whether it says something of the campaign. */
    boolean take(QueryParameters parameter) {
        String name = parameter.name().toLowerCase(Locale.ROOT);
        int field = field(name);
        if (field < 0 || values[field] != null) {
            return false;
        }
        values[field] = clean(parameter.rawValue());
        if (values[field] != null && field == CLICK_ID) {
            values[CLICK_ID_TYPE] = name;
        }
        return values[field] != null;
    }

    Campaign campaign() {
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

    /** The value, or null when it is empty or says that there is none. */
    private static @Nullable String clean(String raw) {
        String text = cut(decoded(raw));
        return text.isEmpty() || NONE.contains(text.toLowerCase(Locale.ROOT)) ? null : text;
    }

    /** The decoded value in NFC, without control characters and outer white space. */
    private static String decoded(String raw) {
        String text = PercentCoding.decode(raw, true);
        boolean ascii = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            ascii &= c < 0x80;
            if (Chars.isControl(c)) {
                text = text.replace(c, ' ');
            }
        }
        return (ascii ? text : Normalizer.normalize(text, Normalizer.Form.NFC)).strip();
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

    /** The beginning of a value as it is written with the fewest characters. */
    private static String written(String text) {
        StringBuilder out = new StringBuilder(WRITTEN_CHARS);
        boolean afterEscape = true;
        int i = 0;
        while (i < text.length() && (i < MAX_CHARS || out.length() < WRITTEN_CHARS)) {
            int c = text.codePointAt(i);
            boolean plain = !isSpecial(c) && !(afterEscape && isMark(c));
            if (c == ' ') {
                out.append('+');
            } else if (plain) {
                out.appendCodePoint(c);
            } else {
                PercentCoding.encode(Character.toString(c), out);
            }
            afterEscape = !plain;
            i += Character.charCount(c);
        }
        return out.toString();
    }

    /** What would end the value, or be read as another character or as outer white space. */
    private static boolean isSpecial(int c) {
        return "%&#+?".indexOf(c) >= 0 || Character.isSpaceChar(c);
    }

    /** What would be composed with the separator or the escape before it. */
    private static boolean isMark(int c) {
        return Character.getType(c) == Character.NON_SPACING_MARK
                || Character.getType(c) == Character.COMBINING_SPACING_MARK;
    }
}
