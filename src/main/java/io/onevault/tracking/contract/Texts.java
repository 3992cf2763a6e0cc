package io.onevault.tracking.contract;

import io.onevault.tracking.event.RejectReason;
import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/** Brings texts to the one form that keys are made of: valid Unicode, NFC, no outer white space. */
final class Texts {

    /** Below this, every character is its own NFC form and no surrogate. */
    private static final char FIRST_COMBINING = '\u0300';

    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    /** The text in NFC; throws a {@link Violation} for U+0000 and for lone surrogates. */
    static String nfc(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || c >= FIRST_COMBINING) {
                return checkedNfc(text);
            }
        }
        return text;
    }

    private static String checkedNfc(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new Violation(RejectReason.NUL_CHARACTER, null, "no U+0000");
            }
            if (Character.isSurrogate(c)) {
                if (isLoneSurrogate(text, i)) {
                    throw new Violation(
                            RejectReason.INVALID_UNICODE, null, "no unpaired surrogate");
                }
                i++;
            }
        }
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** The text with U+0000 and lone surrogates replaced by U+FFFD. */
    static String storable(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || (Character.isSurrogate(c) && isLoneSurrogate(text, i))) {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, REPLACEMENT);
            } else if (Character.isSurrogate(c)) {
                i++;
            }
        }
        return mended == null ? text : mended.toString();
    }

    private static boolean isLoneSurrogate(String text, int at) {
        return !Character.isHighSurrogate(text.charAt(at))
                || at + 1 == text.length()
                || !Character.isLowSurrogate(text.charAt(at + 1));
    }

    /** The text without outer white space; null when nothing is left. */
    static @Nullable String trimToNull(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isWhiteSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isWhiteSpace(text.charAt(to - 1))) {
            to--;
        }
        return from == to ? null : text.substring(from, to);
    }

    /** Unicode's White_Space property, which includes the no-break spaces that strip() keeps. */
    static boolean isWhiteSpace(char c) {
        if (c < 0x80) {
            return c == ' ' || (c >= '\t' && c <= '\r');
        }
        return c == '\u0085'
                || c == '\u00A0'
                || c == '\u1680'
                || (c >= '\u2000' && c <= '\u200A')
                || c == '\u2028'
                || c == '\u2029'
                || c == '\u202F'
                || c == '\u205F'
                || c == '\u3000';
    }

    /** Whether the text has more characters (code points) than the limit. */
    static boolean isLonger(String text, int limit) {
        return text.length() > limit && text.codePointCount(0, text.length()) > limit;
    }

    /** The first characters of a longer text, again without outer white space. */
    static @Nullable String cut(String text, int limit) {
        return trimToNull(text.substring(0, text.offsetByCodePoints(0, limit)));
    }
}
