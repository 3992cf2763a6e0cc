package io.onevault.tracking.contract;

import java.util.Locale;

/**
 * Tells the ids that scripts write when they have none: whoever carries one of them would be taken
 * for everybody else who does.
 */
final class Nobody {

    private static final int LONGEST = 36;

    private Nobody() {}

    /** Whether the id names nobody and nothing, in whatever case it is written. */
    static boolean is(String id) {
        if (id.length() > LONGEST) {
            return false;
        }
        return switch (id.toLowerCase(Locale.ROOT)) {
            case "undefined",
                    "null",
                    "nan",
                    "none",
                    "[object object]",
                    "00000000-0000-0000-0000-000000000000",
                    "00000000000000000000000000000000" ->
                    true;
            default -> false;
        };
    }

    /** Whether the id names no session: what stands for none elsewhere, too. */
    static boolean isSession(String id) {
        return id.equals("0") || id.equals("-1") || is(id);
    }
}
