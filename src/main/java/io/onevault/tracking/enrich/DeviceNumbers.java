package io.onevault.tracking.enrich;

/**
 * Recognises what names a device: MAC addresses by their pairs, and IMEIs by their check digit and
 * their groups, or where they are called so. A tenth of all numbers of 15 digits pass the check.
 */
final class DeviceNumbers {

    private static final String IMEI = "imei";
    private static final int IMEI_DIGITS = 15;
    private static final int PAIRS = 6;
    private static final int DOTTED_GROUPS = 3;

    private DeviceNumbers() {}

    /** End of the MAC address that starts at {@code start}, or -1. */
    static int macEnd(String text, int start) {
        char colon = at(text, start + 2);
        if (colon == ':' || colon == '-') {
            return groupsEnd(text, start, PAIRS, 2, colon);
        }
        return at(text, start + 4) == '.' ? groupsEnd(text, start, DOTTED_GROUPS, 4, '.') : -1;
    }

    private static int groupsEnd(String text, int start, int groups, int length, char separator) {
        int end = start + groups * (length + 1) - 1;
        if (end > text.length() || isJoined(text, start - 1, start - 2, separator)) {
            return -1;
        }
        int digits = 0;
        boolean varied = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            boolean border = (i - start) % (length + 1) == length;
            if (border ? c != separator : !Chars.isHex(c)) {
                return -1;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
            varied |= !border && c != text.charAt(start);
        }
        // Dates and codes are digits alone, and words letters; nobody's are all zeros, and all
        // ones.
        boolean mixed = digits > 0 && digits < groups * length;
        boolean continued =
                Chars.isAlphanumericAt(text, end) || isJoined(text, end, end + 1, separator);
        return !continued && varied && (mixed || separator == ':') ? end : -1;
    }

    /** End of the IMEI that starts at {@code start}, or -1. */
    static int imeiEnd(String text, int start) {
        StringBuilder digits = new StringBuilder(IMEI_DIGITS);
        long shape = 0;
        int group = 0;
        int i = start;
        while (i < text.length() && digits.length() <= IMEI_DIGITS) {
            char c = text.charAt(i);
            if (Chars.isDigit(c)) {
                digits.append(c);
                group++;
            } else if ((c == '-' || c == ' ' || c == '/') && Chars.isDigitAt(text, i + 1)) {
                shape = shape << 4 | Math.min(group, 0xF);
                group = 0;
            } else {
                break;
            }
            i++;
        }
        shape = shape << 4 | Math.min(group, 0xF);
        boolean formed = shape == 0x2661 || shape <= 0xF && isCalled(IMEI, text, start);
        return digits.length() == IMEI_DIGITS
                        && formed
                        && !Chars.isAlphanumericAt(text, i)
                        && AccountNumbers.passesLuhn(digits)
                ? i
                : -1;
    }

    /** Whether the word stands before, with nothing but a few signs and spaces between. */
    static boolean isCalled(String word, String text, int start) {
        int i = start;
        while (i > 0 && start - i < PAIRS && !Chars.isAlphanumeric(text.charAt(i - 1))) {
            i--;
        }
        return text.regionMatches(true, i - word.length(), word, 0, word.length());
    }

    private static boolean isJoined(String text, int sign, int beyond, char separator) {
        return at(text, sign) == separator && Chars.isAlphanumericAt(text, beyond);
    }

    private static char at(String text, int i) {
        return i >= 0 && i < text.length() ? text.charAt(i) : ' ';
    }
}
