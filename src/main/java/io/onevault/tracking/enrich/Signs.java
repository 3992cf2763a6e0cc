package io.onevault.tracking.enrich;

/**
 * What a text has of what any rule of redaction looks for, by one look at each character: most
 * texts have nothing, and ids of letters and digits little.
 */
final class Signs {

    static final int NONE = 0;

    /** An at sign, or what may be one. */
    static final int AT = 1;

    /** Digits or signs enough for one of {@link Numbers}. */
    static final int NUMBER = 2;

    /** Characters that {@link Folding} changes, behind which anything may be. */
    static final int ODD = 4;

    /** What stands behind a parameter's name or around a member's: its value may be sensitive. */
    static final int NAME = 8;

    /** Of a telephone number, a social security number and a card's; no letter is within. */
    private static final int LEAST_RUN = 8;

    /** Of one behind {@code tel:}. */
    private static final int LEAST_CALLED_RUN = 6;

    private static final int COLONS = 2;
    private static final int DOTS = 2;
    private static final int HYPHENS = 5;

    private static final int ALPHA = 1;
    private static final int DIGIT = 1 << 1;
    private static final int AT_SIGN = 1 << 2;
    private static final int AMPERSAND = 1 << 3;
    private static final int NAME_SIGN = 1 << 4;

    /** Two bits for each of five characters: what is neither, two letters and two digits. */
    private static final int ACCOUNT = ALPHA << 6 | ALPHA << 4 | DIGIT << 2 | DIGIT;

    private static final int FIVE = (1 << 10) - 1;

    /** Three counts in one number, of more characters each than an event may have. */
    private static final int COUNT_BITS = 21;

    private static final long COUNT = (1L << COUNT_BITS) - 1;

    /** What a character of ASCII is here, as to ask for each by its range takes longer. */
    private static final int[] KINDS = kinds();

    private static final long[] COUNTED = new long[KINDS.length];

    static {
        COUNTED[':'] = 1;
        COUNTED['.'] = 1L << COUNT_BITS;
        COUNTED['-'] = 1L << 2 * COUNT_BITS;
    }

    private Signs() {}

    private static int[] kinds() {
        int[] kinds = new int[0x80];
        for (char c = 0; c < kinds.length; c++) {
            kinds[c] = Chars.isAlpha(c) ? ALPHA : Chars.isDigit(c) ? DIGIT : 0;
        }
        kinds['@'] = AT_SIGN;
        kinds['%'] = AT_SIGN;
        kinds['&'] = AMPERSAND;
        kinds['='] = NAME_SIGN;
        kinds['"'] = NAME_SIGN;
        return kinds;
    }

    static int of(String text, int start, int end) {
        int found = NONE;
        int seen = 0;
        long counts = 0;
        int run = 0;
        int longest = 0;
        int lastFive = 0;
        boolean account = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c >= KINDS.length) {
                found |= Folding.isOdd(c) ? ODD : NONE;
                lastFive = 0;
                continue;
            }
            // Without any branch, as no processor foresees letters and digits of an id.
            int kind = KINDS[c];
            seen |= kind;
            counts += COUNTED[c];
            run = (run + (kind >> 1 & 1)) & ((kind & ALPHA) - 1);
            longest = Math.max(longest, run);
            lastFive = (lastFive << 2 | kind & (ALPHA | DIGIT)) & FIVE;
            if (lastFive == ACCOUNT) {
                account |= AccountNumbers.mayBegin(text, i - 3, end);
            }
        }
        boolean at =
                (seen & AT_SIGN) != 0 || (seen & AMPERSAND) != 0 && hasEscape(text, start, end);
        return found
                | (at ? AT : NONE)
                | ((seen & NAME_SIGN) != 0 ? NAME : NONE)
                | (account || isNumber(counts, longest) ? NUMBER : NONE);
    }

    private static boolean isNumber(long counts, int longestRun) {
        long colons = counts & COUNT;
        long dots = counts >> COUNT_BITS & COUNT;
        long hyphens = counts >> 2 * COUNT_BITS;
        return longestRun >= LEAST_RUN
                || colons > 0 && longestRun >= LEAST_CALLED_RUN
                || colons >= COLONS
                || dots >= DOTS && longestRun > 0
                || hyphens >= HYPHENS;
    }

    private static boolean hasEscape(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (Emails.isEscape(text, i)) {
                return true;
            }
        }
        return false;
    }
}
