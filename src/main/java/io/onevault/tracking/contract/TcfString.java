package io.onevault.tracking.contract;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A consent string of IAB's TCF, version 2, read to its end: what does not keep its structure is
 * none, however it begins.
 */
final class TcfString {

    private static final int VERSION = 2;

    /** Policies of version 1 of the framework were told in strings of version 1. */
    private static final int FIRST_POLICY = 2;

    private static final int LETTERS = 26;

    /** Bits of times, and of the program that asked, up to the language. */
    private static final int BITS_BEFORE_LANGUAGE = 36 + 36 + 12 + 12 + 6;

    private static final int BITS_OF_PURPOSES = 24;

    /** Other segments tell what they are: vendors disclosed, vendors allowed, the publisher's. */
    private static final int MOST_SEGMENTS = 4;

    private static final int LAST_SEGMENT_TYPE = 3;

    /** Encoders fill up to whole bytes and characters. */
    private static final int MOST_FILL = 23;

    private final byte[] bytes;
    private int bit;

    private TcfString(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether the text is a consent string that agrees to the purpose, of which the first is 1. */
    static boolean agrees(String text, int purpose) {
        String[] segments = text.split("\\.", -1);
        if (segments.length > MOST_SEGMENTS) {
            return false;
        }
        for (int i = 1; i < segments.length; i++) {
            TcfString segment = decode(segments[i]);
            int type = segment == null ? 0 : segment.number(LAST_SEGMENT_TYPE);
            if (type < 1 || type > LAST_SEGMENT_TYPE) {
                return false;
            }
        }
        TcfString core = decode(segments[0]);
        return core != null && core.core(purpose);
    }

    private static @Nullable TcfString decode(String segment) {
        try {
            return segment.indexOf('=') >= 0
                    ? null
                    : new TcfString(Base64.getUrlDecoder().decode(segment));
        } catch (IllegalArgumentException notEncoded) {
            return null;
        }
    }

    /** What ends too early has no language, no policy or not the end that it tells of. */
    private boolean core(int purpose) {
        boolean isVersion = number(6) == VERSION;
        skip(BITS_BEFORE_LANGUAGE);
        boolean isLanguage = number(6) < LETTERS && number(6) < LETTERS;
        skip(12);
        boolean isPolicy = number(6) >= FIRST_POLICY;
        // Whose it is, whose words, and special features.
        skip(1 + 1 + 12);
        int purposes = number(BITS_OF_PURPOSES);
        // Purposes by legitimate interest, the first purpose's treatment, the country.
        skip(BITS_OF_PURPOSES + 1 + 12);
        vendors();
        vendors();
        restrictions();
        return isVersion
                && isLanguage
                && isPolicy
                && isEnd()
                && (purposes >> BITS_OF_PURPOSES - purpose & 1) == 1;
    }

    /** A bit for each vendor, or those of some ranges. */
    private void vendors() {
        int last = number(16);
        if (number(1) == 1) {
            ranges();
        } else {
            skip(last);
        }
    }

    private void ranges() {
        int count = number(12);
        for (int i = 0; i < count && bit < size(); i++) {
            skip(number(1) == 1 ? 32 : 16);
        }
    }

    private void restrictions() {
        int count = number(12);
        for (int i = 0; i < count && bit < size(); i++) {
            skip(6 + 2);
            ranges();
        }
    }

    private boolean isEnd() {
        int fill = size() - bit;
        return fill >= 0 && fill <= MOST_FILL && number(fill) == 0;
    }

    private int number(int bits) {
        int number = 0;
        for (int i = 0; i < bits; i++, bit++) {
            int b = bit < size() ? bytes[bit / Byte.SIZE] >> (7 - bit % Byte.SIZE) & 1 : 0;
            number = number << 1 | b;
        }
        return number;
    }

    private void skip(int bits) {
        bit += bits;
    }

    private int size() {
        return bytes.length * Byte.SIZE;
    }
}
