package io.onevault.tracking.enrich;

import io.onevault.tracking.event.TrackerEvent;

/**
 * Keeps of properties that a visitor wants no more than the necessary use, where all others go:
 * whoever hands events on has to know it.
 */
final class LimitedUse {

    private static final String NAME = "\"limit_use\": ";
    private static final String LIMITED = "{" + NAME + "true}";
    private static final String[] YES = {"true", "\"true\"", "1", "\"1\""};

    private LimitedUse() {}

    /**
     * @param properties in canonical form
     */
    static String of(String properties) {
        // Wherever it is told: one that says no takes another's yes not back.
        for (int start = properties.indexOf(NAME);
                start >= 0;
                start = properties.indexOf(NAME, start + 1)) {
            int value = start + NAME.length();
            int end = Chars.indexOfAny(properties, value, ",}");
            for (String yes : YES) {
                if (yes.length() == end - value
                        && properties.regionMatches(true, value, yes, 0, yes.length())) {
                    return LIMITED;
                }
            }
        }
        return TrackerEvent.NO_PROPERTIES;
    }
}
