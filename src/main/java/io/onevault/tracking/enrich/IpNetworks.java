package io.onevault.tracking.enrich;

import io.onevault.tracking.event.AddressPolicy;
import org.jspecify.annotations.Nullable;

/** Cuts IP addresses to networks too large to point at a person; never asks the name service. */
public final class IpNetworks {

    private static final String V4_PREFIX = "/16";
    private static final String V4_LONG_PREFIX = "/24";
    private static final String V6_PREFIX = "/48";
    private static final String FOR = "for=";
    private static final int OCTETS = 4;

    /** Groups of 16 bits. */
    private static final int V6_SENDER = 4;

    private static final int MAPPED = 0xFFFF;

    private IpNetworks() {}

    /**
     * The /16 network of an IPv4 and the /48 network of an IPv6 address in canonical form; null for
     * anything else. Takes the first address of a list, a port, brackets, a zone, quotes and the
     * form of RFC 7239 in its stride; a network that was cut before is returned as it is.
     */
    public static @Nullable String cut(@Nullable String ip) {
        int[] parts = parse(ip);
        if (parts == null) {
            return null;
        }
        return parts.length == OCTETS ? v4(parts[0], parts[1]) : v6(parts);
    }

    /** What the policy keeps of an address: a network as above, that of 24 bits, or null. */
    public static @Nullable String cut(@Nullable String ip, AddressPolicy policy) {
        return switch (policy) {
            case NETWORK -> cut(ip);
            case NETWORK_24 -> cut24(ip);
            case COUNTRY, NONE -> null;
        };
    }

    /** A network that was cut before stays so. */
    private static @Nullable String cut24(@Nullable String ip) {
        boolean isCut = ip != null && ip.endsWith(V4_LONG_PREFIX);
        int[] parts = parse(isCut ? ip.substring(0, ip.length() - V4_LONG_PREFIX.length()) : ip);
        return parts == null || parts.length != OCTETS || ip.endsWith(V4_PREFIX)
                ? cut(ip)
                : parts[0] + "." + parts[1] + '.' + parts[2] + ".0" + V4_LONG_PREFIX;
    }

    /**
     * The one text of an address in whatever form it came, for telling whether two are the same;
     * what is no address as it came. Never to be stored.
     */
    public static @Nullable String address(@Nullable String ip) {
        int[] parts = parse(ip);
        if (parts == null) {
            return ip;
        }
        return joined(parts, parts.length);
    }

    private static String joined(int[] parts, int count) {
        StringBuilder out = new StringBuilder("2001:db8:1111:2222:3333:4444:5555:6666".length());
        boolean isV4 = parts.length == OCTETS;
        for (int i = 0; i < count; i++) {
            out.append(i == 0 ? "" : isV4 ? "." : ":");
            out.append(isV4 ? Integer.toString(parts[i]) : Integer.toHexString(parts[i]));
        }
        return out.toString();
    }

    /**
     * Whom an address counts for where senders are counted: IPv4 for itself, of IPv6 the 64 bits
     * that one customer has at least. What is no address counts as it came. Never to be stored.
     */
    public static String sender(String ip) {
        int[] parts = parse(ip);
        if (parts == null) {
            return ip;
        }
        return parts.length == OCTETS ? joined(parts, OCTETS) : joined(parts, V6_SENDER) + "::/64";
    }

    /** The bytes of a whole address; null for a network and for what is none. */
    static byte @Nullable [] bytes(String ip) {
        int[] parts = ip.indexOf('/') < 0 ? parse(ip) : null;
        if (parts == null) {
            return null;
        }
        int width = parts.length == OCTETS ? 1 : 2;
        byte[] bytes = new byte[parts.length * width];
        for (int i = 0; i < bytes.length; i++) {
            int part = parts[i / width];
            bytes[i] = (byte) (width == 1 || i % width == 1 ? part : part >> Byte.SIZE);
        }
        return bytes;
    }

    /** The four octets or the eight groups of the first address; IPv4 that is mapped is IPv4. */
    private static int @Nullable [] parse(@Nullable String ip) {
        if (ip == null) {
            return null;
        }
        // As nearly all come.
        int[] address = IpAddresses.parseV4(ip, 0, ip.length());
        int start = 0;
        while (address == null && start <= ip.length()) {
            int comma = ip.indexOf(',', start);
            int end = comma < 0 ? ip.length() : comma;
            address = parseNode(node(ip.substring(start, end).strip()));
            start = end + 1;
        }
        return address;
    }

    private static int @Nullable [] parseNode(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            boolean whole = end == text.length() - 1;
            boolean port = end > 0 && text.startsWith(":", end + 1) && isPort(text, end + 2);
            return whole || port ? parse(text, 1, end) : null;
        }
        int colon = text.indexOf(':');
        int last = text.lastIndexOf(':');
        int dot = text.lastIndexOf('.');
        // Of an IPv6 address without brackets none can be told, but behind a mapped one.
        boolean behind = last == colon || dot >= 0 && last > dot;
        if (last >= 0 && behind && isPort(text, last + 1)) {
            return parse(text, 0, last);
        }
        return parse(text, 0, withoutPrefix(text, colon < 0 ? V4_PREFIX : V6_PREFIX));
    }

    private static int @Nullable [] parse(String text, int start, int end) {
        int zone = text.indexOf('%', start);
        int last = zone >= 0 ? Math.min(zone, end) : end;
        int colon = text.indexOf(':', start);
        if (colon < 0 || colon >= last) {
            return IpAddresses.parseV4(text, start, last);
        }
        int[] groups = IpAddresses.parseV6(text, start, last);
        return groups != null && isMappedV4(groups)
                ? new int[] {groups[6] >> 8, groups[6] & 0xFF, groups[7] >> 8, groups[7] & 0xFF}
                : groups;
    }

    /**
     * The address of a {@code Forwarded} header as in RFC 7239, {@code
     * for="[2001:db8::1]:80";by=…}, or of a quoted text; any other as it is.
     */
    private static String node(String element) {
        String node = element;
        if (element.indexOf('=') >= 0) {
            for (String pair : element.split(";")) {
                String text = pair.strip();
                node =
                        text.regionMatches(true, 0, FOR, 0, FOR.length())
                                ? text.substring(FOR.length())
                                : node;
            }
        }
        int start = node.startsWith("\"") ? 1 : 0;
        int end = node.length() > start && node.endsWith("\"") ? node.length() - 1 : node.length();
        return node.substring(start, end).strip();
    }

    private static String v6(int[] groups) {
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
