package io.onevault.tracking.enrich;

import java.text.Normalizer;

/**
 * Brings a text into plain characters, so that addresses and numbers are found however they are
 * written: full-width and other forms, digits of any script, spaces of any width, and nothing that
 * cannot be seen.
 */
final class Folding {

    /** Where digits other than those of ASCII begin. */
    private static final char FIRST_DIGITS = '\u0660';

    /** From here on are the scripts of East Asia, of which many texts consist, without digits. */
    private static final char NO_MORE_DIGITS = '\u2000';

    private static final char DIGITS_AGAIN = '\uA600';

    private static final char IDEOGRAPHIC_STOP = '\u3002';

    private Folding() {}

    /** The text in plain characters; the same instance where it has no others. */
    static String fold(String text) {
        int i = 0;
        while (i < text.length() && !isOdd(text.charAt(i))) {
            i++;
        }
        return i == text.length() ? text : plain(Normalizer.normalize(text, Normalizer.Form.NFKC));
    }

    /** Whether what is no ASCII may stand for a sign or a digit that is searched for. */
    static boolean mayHide(char c) {
        return c >= FIRST_DIGITS
                && (c >= '\uFE50' && c <= '\uFE6F'
                        || c >= '\uFF00' && c <= '\uFFEF'
                        || c == '\uD835'
                        || (c < NO_MORE_DIGITS || c >= DIGITS_AGAIN) && Character.isDigit(c));
    }

    private static String plain(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == IDEOGRAPHIC_STOP) {
                out.append('.');
            } else if (c >= FIRST_DIGITS && Character.isDigit(c)) {
                out.append((char) ('0' + Character.digit(c, 10)));
            } else if (!isInvisible(c)) {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** Whether a text with it is another one in plain characters. */
    static boolean isOdd(char c) {
        return c >= 0x80 && (isInvisible(c) || isSpace(c) || c == IDEOGRAPHIC_STOP || mayHide(c));
    }

    /** Soft hyphen, zero-width spaces and joiners, and the byte order mark. */
    private static boolean isInvisible(char c) {
        return c == '\u00AD'
                || c >= '\u200B' && c <= '\u200F'
                || c >= '\u2060' && c <= '\u2064'
                || c == '\uFEFF';
    }

    private static boolean isSpace(char c) {
        return c == '\u00A0'
                || c >= '\u2000' && c <= '\u200A'
                || c == '\u202F'
                || c == '\u205F'
                || c == '\u3000';
    }
}
