package io.onevault.tracking.enrich;

import org.jspecify.annotations.Nullable;

/**
 * Parses textual IP addresses by hand: {@code InetAddress} might ask the name service, and the
 * ipaddress library takes eight times as long (1.5 against 0.2 µs).
 */
final class IpAddresses {

    private static final int GROUPS = 8;
    private static final int OCTETS = 4;
    private static final int MAX_OCTET = 255;

    private IpAddresses() {}

    /** The four octets, or null when the part of the text is no dotted IPv4 address. */
    static int @Nullable [] parseV4(CharSequence text, int start, int end) {
        int[] octets = new int[OCTETS];
        int i = start;
        for (int n = 0; n < OCTETS; n++) {
            if (n > 0 && (i >= end || text.charAt(i++) != '.')) {
                return null;
            }
            int first = i;
            while (i < end && i < first + 3 && Chars.isDigit(text.charAt(i))) {
                octets[n] = octets[n] * 10 + text.charAt(i++) - '0';
            }
            // A leading zero means octal to some readers, so such an address is ambiguous.
            boolean padded = i - first > 1 && text.charAt(first) == '0';
            if (i == first || padded || octets[n] > MAX_OCTET) {
                return null;
            }
        }
        return i == end ? octets : null;
    }

    /** The eight groups, or null when the part of the text is no IPv6 address. */
    static int @Nullable [] parseV6(CharSequence text, int start, int end) {
        int[] groups = new int[GROUPS];
        int count = 0;
        int gap = -1;
        int i = start;
        while (i < end) {
            int colons = colons(text, i, end);
            if (colons > 2 || colons == 2 && gap >= 0) {
                return null;
            }
            // A single colon stands between two groups.
            if (colons == 1 ? i == start || i + 1 == end : colons == 0 && i > start) {
                return null;
            }
            gap = colons == 2 ? count : gap;
            i += colons;
            int groupEnd = hexEnd(text, i, end);
            if (groupEnd < end && text.charAt(groupEnd) == '.') {
                return putV4(text, i, end, groups, count) ? spread(groups, count + 2, gap) : null;
            }
            if (groupEnd - i > 4 || groupEnd == i && i < end || groupEnd > i && count == GROUPS) {
                return null;
            }
            if (groupEnd > i) {
                groups[count++] = hex(text, i, groupEnd);
            }
            i = groupEnd;
        }
        return spread(groups, count, gap);
    }

    /** Number of colons at {@code start}, at most 3. */
    private static int colons(CharSequence text, int start, int end) {
        int i = start;
        while (i < end && i < start + 3 && text.charAt(i) == ':') {
            i++;
        }
        return i - start;
    }

    /** Reads the last two groups where they are written as an IPv4 address. */
    private static boolean putV4(CharSequence text, int start, int end, int[] groups, int count) {
        int[] octets = parseV4(text, start, end);
        if (octets == null || count > GROUPS - 2) {
            return false;
        }
        groups[count] = octets[0] << 8 | octets[1];
        groups[count + 1] = octets[2] << 8 | octets[3];
        return true;
    }

    /** Moves the groups after {@code ::} to the end, zeros between. */
    private static int @Nullable [] spread(int[] groups, int count, int gap) {
        if (gap < 0) {
            return count == GROUPS ? groups : null;
        }
        if (count == GROUPS) {
            return null;
        }
        int tail = count - gap;
        int[] spread = new int[GROUPS];
        System.arraycopy(groups, 0, spread, 0, gap);
        System.arraycopy(groups, gap, spread, GROUPS - tail, tail);
        return spread;
    }

    private static int hexEnd(CharSequence text, int start, int end) {
        int i = start;
        while (i < end && Chars.isHex(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static int hex(CharSequence text, int start, int end) {
        int value = 0;
        for (int i = start; i < end; i++) {
            value = value << 4 | Character.digit(text.charAt(i), 16);
        }
        return value;
    }
}
