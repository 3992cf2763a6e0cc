package io.onevault.tracking.enrich;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows which sites are search engines, social networks and the like, by sources.csv. */
final class Sources {

    static final String SEARCH = "search";
    static final String SOCIAL = "social";
    static final String VIDEO = "video";
    static final String SHOPPING = "shopping";
    static final String EMAIL = "email";
    static final String ASSISTANT = "assistant";

    private static final String ANY_SUFFIX = ".*";

    /** Longest public suffix that {@link #ANY_SUFFIX} stands for, such as {@code com.au}. */
    private static final int MAX_SUFFIX_CHARS = 6;

    private static final Map<String, String> KINDS = load();

    private Sources() {}

    /** The kind of a host or of a {@code utm_source}, in lower case; null when unknown. */
    static @Nullable String kind(@Nullable String name) {
        if (name == null) {
            return null;
        }
        String whole = KINDS.get(name);
        int dot = name.indexOf('.');
        if (whole != null || dot < 0) {
            return whole;
        }
        int start = 0;
        while (dot >= 0) {
            String kind = KINDS.get(name.substring(start));
            if (kind == null && name.length() - dot - 1 <= MAX_SUFFIX_CHARS) {
                kind = KINDS.get(name.substring(start, dot) + ANY_SUFFIX);
            }
            if (kind != null) {
                return kind;
            }
            start = dot + 1;
            dot = name.indexOf('.', start);
        }
        return null;
    }

    private static Map<String, String> load() {
        Map<String, String> kinds = new HashMap<>();
        for (String[] row : ReferenceList.rows("sources.csv", 2)) {
            kinds.put(row[1], row[0]);
            if (row[1].endsWith(ANY_SUFFIX)) {
                String word = row[1].substring(0, row[1].length() - ANY_SUFFIX.length());
                kinds.put(word, row[0]);
            }
        }
        return Map.copyOf(kinds);
    }
}
