package io.onevault.tracking.text;

import java.nio.charset.StandardCharsets;

/**
 * Bytes in hexadecimal digits, in lower case. {@code HexFormat} asks of each digit whether it is a
 * letter, which no processor can foresee of a hash.
 */
public final class HexText {

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private HexText() {}

    public static String of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /** Of the bytes from one index up to before another. */
    public static String of(byte[] bytes, int from, int to) {
        byte[] text = new byte[2 * (to - from)];
        for (int i = from, at = 0; i < to; i++) {
            text[at++] = DIGITS[bytes[i] >> 4 & 0xF];
            text[at++] = DIGITS[bytes[i] & 0xF];
        }
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
