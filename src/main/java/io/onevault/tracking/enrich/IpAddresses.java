package io.onevault.tracking.enrich;

import org.jspecify.annotations.Nullable;

/** Parses textual IP addresses by hand: {@code InetAddress} might ask the name service. */
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
            if (text.charAt(i) == ':') {
                boolean doubled = i + 1 < end && text.charAt(i + 1) == ':';
                if (doubled ? gap >= 0 : i == start || i + 1 == end) {
                    return null;
                }
                gap = doubled ? count : gap;
                i += doubled ? 2 : 1;
                if (i < end && text.charAt(i) == ':') {
                    return null;
                }
                continue;
            }
            int groupEnd = hexEnd(text, i, end);
            if (groupEnd < end && text.charAt(groupEnd) == '.') {
                return embedded(text, i, end, groups, count, gap);
            }
            if (groupEnd == i || groupEnd - i > 4 || count == GROUPS) {
                return null;
            }
            groups[count++] = hex(text, i, groupEnd);
            i = groupEnd;
            if (i < end && text.charAt(i) != ':') {
                return null;
            }
        }
        return spread(groups, count, gap);
    }

    /** Ends an address whose last two groups are written as an IPv4 address. */
    private static int @Nullable [] embedded(
            CharSequence text, int start, int end, int[] groups, int count, int gap) {
        int[] octets = parseV4(text, start, end);
        if (octets == null || count > GROUPS - 2) {
            return null;
        }
        groups[count] = octets[0] << 8 | octets[1];
        groups[count + 1] = octets[2] << 8 | octets[3];
        return spread(groups, count + 2, gap);
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
