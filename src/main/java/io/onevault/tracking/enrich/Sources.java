package io.onevault.tracking.enrich;

import java.util.HashMap;
import java.util.HashSet;
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

    /** A site that is known to be none of these, though a part of its name is. */
    private static final String NONE = "none";

    private static final String ANY_SUFFIX = "*";
    private static final String ID = "id";

    private static final Map<String, String> KINDS = load();
    private static final Set<String> PREFIXES = prefixes();

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
        String domain = Domains.registrable(name);
        String suffix = domain.substring(domain.indexOf('.') + 1);
        for (int start = 0; start >= 0; start = next(name, start)) {
            String site = name.substring(start);
            String kind = KINDS.get(site);
            if (kind == null && site.length() > suffix.length()) {
                kind = KINDS.get(site.substring(0, site.length() - suffix.length()) + ANY_SUFFIX);
            }
            if (kind != null) {
                return start > 0 && isOneServiceOfMany(kind) && !isThatService(name, start)
                        ? null
                        : kind;
            }
        }
        return null;
    }

    /** Who runs a search engine or a shop has sign-in pages, offices and clouds beside it. */
    private static boolean isOneServiceOfMany(String kind) {
        return kind.equals(SEARCH) || kind.equals(SHOPPING);
    }

    private static boolean isThatService(String name, int end) {
        for (int start = 0; start < end; start = next(name, start)) {
            String label = name.substring(start, name.indexOf('.', start));
            boolean code = label.length() == ID.length() && !label.equals(ID);
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

    private static Set<String> prefixes() {
        Set<String> prefixes = new HashSet<>();
        for (String[] row : ReferenceList.rows("site-prefixes.csv", 1)) {
            prefixes.add(row[0]);
        }
        return Set.copyOf(prefixes);
    }
}
