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

    /** Index of the first of the characters from {@code from} on, or the length of the text. */
    static int indexOfAny(String text, int from, String chars) {
        int i = from;
        while (i < text.length() && chars.indexOf(text.charAt(i)) < 0) {
            i++;
        }
        return i;
    }
}
