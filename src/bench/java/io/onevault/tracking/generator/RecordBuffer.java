package io.onevault.tracking.generator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** A reusable byte buffer for JSON text; it writes numbers and instants without making objects. */
final class RecordBuffer {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int DAY_MILLIS = 86_400_000;
    private static final int DATE_CHARS = "2026-11-20T".length();
    private static final int INITIAL_BYTES = 4_096;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;
    private long day = Long.MIN_VALUE;
    private byte[] date = new byte[0];

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void text(byte[] utf8) {
        reserve(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
    }

    /** Writes a number that is not negative. */
    void number(long value) {
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        digits(value, digits);
    }

    /** Writes the last so many decimal digits, with leading zeros. */
    void digits(long value, int count) {
        reserve(count);
        long rest = value;
        for (int i = length + count - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    /** Writes the highest so many hexadecimal digits. */
    void hex(long bits, int count) {
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = HEX[(int) (bits >>> (60 - 4 * i)) & 15];
        }
    }

    /** Writes an instant after 1970, in milliseconds, as ISO-8601 in UTC. */
    void instant(long epochMillis) {
        long itsDay = epochMillis / DAY_MILLIS;
        if (itsDay != day) {
            String text = Instant.ofEpochMilli(epochMillis).toString();
            date = text.substring(0, DATE_CHARS).getBytes(StandardCharsets.US_ASCII);
            day = itsDay;
        }
        text(date);
        int millis = (int) (epochMillis % DAY_MILLIS);
        digits(millis / 3_600_000, 2);
        symbol(':');
        digits(millis / 60_000 % 60, 2);
        symbol(':');
        digits(millis / 1_000 % 60, 2);
        symbol('.');
        digits(millis % 1_000, 3);
        symbol('Z');
    }

    void symbol(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
    }

    byte[] copy() {
        return copy(length);
    }

    /** The first so many bytes. */
    byte[] copy(int count) {
        return Arrays.copyOf(bytes, count);
    }

    private void reserve(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }
}
