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

    /** Of a telephone number, a social security number and a card's; no letter is within. */
    private static final int LEAST_RUN = 8;

    /** Of one behind {@code tel:}. */
    private static final int LEAST_CALLED_RUN = 6;

    private static final int COLONS = 2;
    private static final int DOTS = 2;
    private static final int HYPHENS = 5;

    private static final byte OTHER = 0;
    private static final byte ALPHA = 1;
    private static final byte DIGIT = 2;
    private static final byte COLON = 3;
    private static final byte DOT = 4;
    private static final byte HYPHEN = 5;
    private static final byte AT_SIGN = 6;
    private static final byte AMPERSAND = 7;

    /** What a character of ASCII is here, as to ask for each by its range takes longer. */
    private static final byte[] KINDS = kinds();

    private Signs() {}

    private static byte[] kinds() {
        byte[] kinds = new byte[0x80];
        for (char c = 0; c < kinds.length; c++) {
            kinds[c] = Chars.isAlpha(c) ? ALPHA : Chars.isDigit(c) ? DIGIT : OTHER;
        }
        kinds[':'] = COLON;
        kinds['.'] = DOT;
        kinds['-'] = HYPHEN;
        kinds['@'] = AT_SIGN;
        kinds['%'] = AT_SIGN;
        kinds['&'] = AMPERSAND;
        return kinds;
    }

    static int of(String text, int start, int end) {
        int found = NONE;
        int colons = 0;
        int dots = 0;
        int hyphens = 0;
        int run = 0;
        int longest = 0;
        boolean account = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c >= KINDS.length) {
                found |= Folding.isOdd(c) ? ODD : NONE;
                continue;
            }
            switch (KINDS[c]) {
                case ALPHA -> run = 0;
                case DIGIT -> {
                    run++;
                    longest = Math.max(longest, run);
                    account |= run == 2 && beginsAccount(text, start, i);
                }
                case COLON -> colons++;
                case DOT -> dots++;
                case HYPHEN -> hyphens++;
                case AT_SIGN -> found |= AT;
                case AMPERSAND -> found |= Emails.isEscape(text, i) ? AT : NONE;
                default -> {}
            }
        }
        boolean number =
                account
                        || longest >= LEAST_RUN
                        || colons > 0 && longest >= LEAST_CALLED_RUN
                        || colons >= COLONS
                        || dots >= DOTS && longest > 0
                        || hyphens >= HYPHENS;
        return number ? found | NUMBER : found;
    }

    /** Whether the second digit of an IBAN may be at {@code i}, behind those of its country. */
    private static boolean beginsAccount(String text, int start, int i) {
        return i - 3 >= start
                && Chars.isDigit(text.charAt(i - 1))
                && Chars.isAlpha(text.charAt(i - 2))
                && Chars.isAlpha(text.charAt(i - 3))
                && (i - 3 == start || !Chars.isAlphanumeric(text.charAt(i - 4)));
    }
}
