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

    /** Characters of the shortest account number, which is Norway's. */
    private static final int LEAST_ACCOUNT = 15;

    private static final int ALPHA = 1;
    private static final int DIGIT = 2;

    /** Two bits for each of five characters: what is neither, two letters and two digits. */
    private static final int ACCOUNT = ALPHA << 6 | ALPHA << 4 | DIGIT << 2 | DIGIT;

    private static final int FIVE = (1 << 10) - 1;

    /** Four counts in one number, so that one look and one sum do for a character. */
    private static final int COUNT_BITS = 15;

    private static final int MOST = (1 << COUNT_BITS) - 1;

    /** Of what is looked at by itself. */
    private static final long MARK = -1;

    /** What a character of ASCII is here, as to ask for each by its range takes longer. */
    private static final byte[] KINDS = new byte[0x80];

    private static final long[] COUNTED = new long[0x80];

    static {
        for (char c = 0; c < KINDS.length; c++) {
            KINDS[c] = (byte) (Chars.isAlpha(c) ? ALPHA : Chars.isDigit(c) ? DIGIT : 0);
            COUNTED[c] = Chars.isDigit(c) ? 1 : 0;
        }
        COUNTED[':'] = 1L << COUNT_BITS;
        COUNTED['.'] = 1L << 2 * COUNT_BITS;
        COUNTED['-'] = 1L << 3 * COUNT_BITS;
        for (char c : "@%&=\"".toCharArray()) {
            COUNTED[c] = MARK;
        }
    }

    private Signs() {}

    static int of(String text, int start, int end) {
        int found = NONE;
        long counts = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            long count = c < COUNTED.length ? COUNTED[c] : MARK;
            if (count == MARK) {
                found |= mark(text, i, c);
            } else {
                counts += count;
            }
        }
        // Longer ones are none of an event, and their counts might not be true.
        boolean number = end - start > MOST || isNumber(text, start, end, counts);
        return number ? found | NUMBER : found;
    }

    private static int mark(String text, int i, char c) {
        return switch (c) {
            case '@', '%' -> AT;
            case '&' -> Emails.isEscape(text, i) ? AT : NONE;
            case '=', '"' -> NAME;
            default -> Folding.isOdd(c) ? ODD : NONE;
        };
    }

    private static boolean isNumber(String text, int start, int end, long counts) {
        long digits = counts & MOST;
        long colons = counts >> COUNT_BITS & MOST;
        long dots = counts >> 2 * COUNT_BITS & MOST;
        long hyphens = counts >> 3 * COUNT_BITS;
        if (colons >= COLONS || dots >= DOTS && digits > 0 || hyphens >= HYPHENS) {
            return true;
        }
        int least = colons > 0 ? LEAST_CALLED_RUN : LEAST_RUN;
        return (digits >= least || digits >= 2 && end - start >= LEAST_ACCOUNT)
                && hasRunOrAccount(text, start, end, least);
    }

    /**
     * Whether there are so many digits without a letter among them, or an account may begin.
     * Without a branch for each, as no processor foresees the letters and digits of an id.
     */
    private static boolean hasRunOrAccount(String text, int start, int end, int least) {
        int run = 0;
        int longest = 0;
        int last = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            int kind = c < KINDS.length ? KINDS[c] : 0;
            run = (run + (kind >> 1)) & ((kind & ALPHA) - 1);
            longest = Math.max(longest, run);
            last = last << 2 | kind;
            if ((last & FIVE) == ACCOUNT && AccountNumbers.mayBegin(text, i - 3, end)) {
                return true;
            }
        }
        return longest >= least;
    }
}
