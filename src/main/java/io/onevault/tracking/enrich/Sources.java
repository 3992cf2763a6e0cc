package io.onevault.tracking.enrich;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Knows which sites are search engines, social networks and the like, by sources.csv. */
final class Sources {

    static final String SEARCH = "search";
    static final String SOCIAL = "social";
    static final String VIDEO = "video";
    static final String SHOPPING = "shopping";
    static final String EMAIL = "email";
    static final String ASSISTANT = "assistant";
    static final String ADS = "ads";

    /** Where a site sends its own customers to pay, and they come back from. */
    static final String PAYMENT = "payment";

    /** A site that is known to be none of these, though a part of its name is. */
    private static final String NONE = "none";

    private static final String ANY_SUFFIX = "*";

    private static final Map<String, String> KINDS = load();
    private static final Set<String> PREFIXES = prefixes("service");
    private static final Set<String> WORDS = prefixes("word");
    private static final Set<String> MAIL = prefixes("mail");
    private static final Set<String> CODES = codes();

    private Sources() {}

    /** The kind of a host or of a {@code utm_source}, in lower case; null when unknown. */
    static @Nullable String kind(@Nullable String name) {
        String kind = name == null ? null : find(name);
        return NONE.equals(kind) ? null : kind;
    }

    private static @Nullable String find(String name) {
        String whole = KINDS.get(name);
        if (whole != null || name.indexOf('.') < 0) {
            return whole;
        }
        int suffix = name.length() - Domains.suffix(name).length();
        // What is left in the end, "li" or "co.uk", is no site, whatever campaigns call by its
        // name.
        for (int start = 0; start < suffix; start = next(name, start)) {
            String kind = KINDS.get(name.substring(start));
            if (kind == null) {
                kind = KINDS.get(name.substring(start, suffix) + ANY_SUFFIX);
            }
            if (kind != null) {
                boolean domain = next(name, start) == suffix;
                return !isOneServiceOfMany(kind, domain) || isThatService(name, start, domain)
                        ? kind
                        : mail(name);
            }
        }
        return mail(name);
    }

    /** Web mail of whom no list knows: "webmail.example.org", "mail2.example.org". */
    private static @Nullable String mail(String name) {
        int end = name.indexOf('.');
        while (end > 0 && Chars.isDigitAt(name, end - 1)) {
            end--;
        }
        return MAIL.contains(name.substring(0, end)) ? EMAIL : null;
    }

    /**
     * Who runs a search engine or a shop has sign-in pages, offices and clouds beside it, and who
     * has web mail on the very domain has a portal.
     */
    private static boolean isOneServiceOfMany(String kind, boolean domain) {
        return kind.equals(SEARCH) || kind.equals(SHOPPING) || domain && kind.equals(EMAIL);
    }

    /**
     * @param end where the site begins in the host's name
     * @param domain whether the site is a whole domain, of which "my" and "id" are no countries
     */
    private static boolean isThatService(String name, int end, boolean domain) {
        for (int start = 0; start < end; start = next(name, start)) {
            int next = next(name, start);
            String label = name.substring(start, next - 1);
            boolean code =
                    CODES.contains(label) && !(domain && next == end && WORDS.contains(label));
            if (!code && !PREFIXES.contains(label)) {
                return false;
            }
        }
        return true;
    }

    /** The place of the next label, or -1. */
    private static int next(String name, int start) {
        int dot = name.indexOf('.', start);
        return dot < 0 ? -1 : dot + 1;
    }

    private static Map<String, String> load() {
        Map<String, String> kinds = new HashMap<>();
        for (String[] row : ReferenceList.rows("sources.csv", 2)) {
            kinds.put(row[1], row[0]);
            if (row[1].endsWith("." + ANY_SUFFIX)) {
                // Campaigns call "google.*" just "google".
                kinds.putIfAbsent(row[1].substring(0, row[1].length() - 2), row[0]);
            }
        }
        return Map.copyOf(kinds);
    }

    private static Set<String> prefixes(String kind) {
        return ReferenceList.words(ReferenceList.rows("site-prefixes.csv", 2), kind);
    }

    /** Codes of countries and languages; the United Kingdom calls itself otherwise than ISO. */
    private static Set<String> codes() {
        Set<String> codes = new HashSet<>(Set.of(Locale.getISOLanguages()));
        for (String country : Locale.getISOCountries()) {
            codes.add(country.toLowerCase(Locale.ROOT));
        }
        codes.add("uk");
        return Set.copyOf(codes);
    }
}
