package io.onevault.tracking.enrich;

import org.jspecify.annotations.Nullable;

/** Cuts IP addresses to networks too large to point at a person; never asks the name service. */
public final class IpNetworks {

    private static final String V4_PREFIX = "/16";
    private static final String V6_PREFIX = "/48";
    private static final int MAPPED = 0xFFFF;

    private IpNetworks() {}

    /**
     * The /16 network of an IPv4 and the /48 network of an IPv6 address in canonical form; null for
     * anything else. Takes a port, brackets and a zone in its stride; a network that was cut before
     * is returned as it is.
     */
    public static @Nullable String cut(@Nullable String ip) {
        if (ip == null) {
            return null;
        }
        String text = ip.strip();
        if (text.indexOf(':') == text.lastIndexOf(':')) {
            int colon = text.indexOf(':');
            if (colon >= 0) {
                return isPort(text, colon + 1) ? cutV4(text, colon) : null;
            }
            return cutV4(text, withoutPrefix(text, V4_PREFIX));
        }
        int start = text.startsWith("[") ? 1 : 0;
        int end = start == 1 ? text.indexOf(']') : withoutPrefix(text, V6_PREFIX);
        int zone = text.indexOf('%');
        return cutV6(text, start, zone >= 0 ? Math.min(zone, end) : end);
    }

    private static @Nullable String cutV4(String text, int end) {
        int[] octets = IpAddresses.parseV4(text, 0, end);
        return octets == null ? null : v4(octets[0], octets[1]);
    }

    private static @Nullable String cutV6(String text, int start, int end) {
        int[] groups = IpAddresses.parseV6(text, start, end);
        if (groups == null) {
            return null;
        }
        if (isMappedV4(groups)) {
            return v4(groups[6] >> 8, groups[6] & 0xFF);
        }
        StringBuilder out = new StringBuilder("2001:0db8:0000::/48".length());
        int last = groups[2] != 0 ? 2 : groups[1] != 0 ? 1 : groups[0] != 0 ? 0 : -1;
        for (int i = 0; i <= last; i++) {
            out.append(i > 0 ? ":" : "").append(Integer.toHexString(groups[i]));
        }
        return out.append("::").append(V6_PREFIX).toString();
    }

    private static boolean isMappedV4(int[] groups) {
        int zeros = groups[0] | groups[1] | groups[2] | groups[3] | groups[4];
        return zeros == 0 && groups[5] == MAPPED;
    }

    private static String v4(int first, int second) {
        return first + "." + second + ".0.0" + V4_PREFIX;
    }

    private static boolean isPort(String text, int start) {
        for (int i = start; i < text.length(); i++) {
            if (!Chars.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return start < text.length();
    }

    private static int withoutPrefix(String text, String prefix) {
        return text.endsWith(prefix) ? text.length() - prefix.length() : text.length();
    }
}
