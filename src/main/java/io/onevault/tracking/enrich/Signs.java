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

    private Signs() {}

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
            if (Chars.isAlpha(c)) {
                run = 0;
            } else if (Chars.isDigit(c)) {
                run++;
                longest = Math.max(longest, run);
                account |= run == 2 && beginsAccount(text, start, i);
            } else if (c >= 0x80) {
                found |= Folding.isOdd(c) ? ODD : NONE;
            } else {
                colons += c == ':' ? 1 : 0;
                dots += c == '.' ? 1 : 0;
                hyphens += c == '-' ? 1 : 0;
                found |= c == '@' || c == '%' || c == '&' && Emails.isEscape(text, i) ? AT : NONE;
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
