package io.onevault.tracking.enrich;

/**
 * Classes of ASCII characters, and where they are; {@link Character} would admit digits of every
 * script.
 */
final class Chars {

    private Chars() {}

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isAlpha(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isAlphanumeric(char c) {
        return isDigit(c) || isAlpha(c);
    }

    static boolean isHex(char c) {
        return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    static boolean isControl(char c) {
        return c < ' ' || c >= 0x7F && c < 0xA0;
    }

    /** Whether the character at {@code i} exists and is an ASCII letter or digit. */
    static boolean isAlphanumericAt(CharSequence text, int i) {
        return i >= 0 && i < text.length() && isAlphanumeric(text.charAt(i));
    }

    /** Whether the character at {@code i} exists and is an ASCII digit. */
    static boolean isDigitAt(CharSequence text, int i) {
        return i >= 0 && i < text.length() && isDigit(text.charAt(i));
    }

    /**
     * Index of the first of the characters from {@code from} on, or the length of the text.
     *
     * @param chars of ASCII: each is a bit, as to look for one after the other takes longer
     */
    static int indexOfAny(String text, int from, String chars) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            // Java shifts by the last six bits of the distance.
            if (c < Long.SIZE) {
                low |= 1L << c;
            } else {
                high |= 1L << c;
            }
        }
        int i = from;
        while (i < text.length() && !isOneOf(text.charAt(i), low, high)) {
            i++;
        }
        return i;
    }

    private static boolean isOneOf(char c, long low, long high) {
        return c < 2 * Long.SIZE && ((c < Long.SIZE ? low : high) >>> c & 1) != 0;
    }
}
