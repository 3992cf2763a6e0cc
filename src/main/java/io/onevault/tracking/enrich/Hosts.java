package io.onevault.tracking.enrich;

import com.ibm.icu.text.IDNA;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Host names and ports of a URL's authority in normal form. */
final class Hosts {

    static final int MAX_HOST_CHARS = 253;
    private static final int MAX_PORT = 65_535;
    private static final String WWW = "www.";

    /** As browsers read names: UTS 46 without transition, so that ß stays apart from ss. */
    private static final IDNA NAMES =
            IDNA.getUTS46Instance(
                    IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ);

    /** What browsers forgive; lengths and empty labels are looked at below. */
    private static final Set<IDNA.Error> FORGIVEN =
            Set.of(
                    IDNA.Error.LEADING_HYPHEN,
                    IDNA.Error.TRAILING_HYPHEN,
                    IDNA.Error.HYPHEN_3_4,
                    IDNA.Error.EMPTY_LABEL,
                    IDNA.Error.LABEL_TOO_LONG,
                    IDNA.Error.DOMAIN_NAME_TOO_LONG);

    private Hosts() {}

    /** The host in lower case and punycode, or null when it is none. */
    static @Nullable String host(String authority) {
        String host = authority.substring(0, hostEnd(authority));
        if (host.startsWith("[")) {
            return isAddressLiteral(host) ? host.toLowerCase(Locale.ROOT) : null;
        }
        if (host.indexOf('%') >= 0) {
            host = PercentCoding.decode(host, false);
        }
        String ascii = toAscii(host);
        if (ascii == null) {
            return null;
        }
        String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
        return isHostName(name) ? name : null;
    }

    /** The port with its colon, empty when it is the scheme's own; null when it is none. */
    static @Nullable String port(String authority, String scheme) {
        int end = hostEnd(authority);
        if (end >= authority.length() - 1) {
            return "";
        }
        int port = 0;
        for (int i = end + 1; i < authority.length(); i++) {
            if (!Chars.isDigitAt(authority, i) || authority.charAt(end) != ':') {
                return null;
            }
            port = Math.min(port * 10 + authority.charAt(i) - '0', MAX_PORT + 1);
        }
        if (port == 0 || port > MAX_PORT) {
            return null;
        }
        return port == defaultPort(scheme) ? "" : ":" + port;
    }

    /** The host without a leading {@code www.}, so that both spellings are one site. */
    static String withoutWww(String host) {
        return host.startsWith(WWW) && host.length() > WWW.length()
                ? host.substring(WWW.length())
                : host;
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http", "ws" -> 80;
            case "https", "wss" -> 443;
            default -> 0;
        };
    }

    private static int hostEnd(String authority) {
        int from = authority.startsWith("[") ? authority.indexOf(']') + 1 : 0;
        int colon = authority.indexOf(':', from);
        return colon < 0 ? authority.length() : colon;
    }

    private static @Nullable String toAscii(String host) {
        for (int i = 0; i < host.length(); i++) {
            if (host.charAt(i) >= 0x80) {
                IDNA.Info info = new IDNA.Info();
                StringBuilder ascii = NAMES.nameToASCII(host, new StringBuilder(), info);
                return FORGIVEN.containsAll(info.getErrors()) ? ascii.toString() : null;
            }
        }
        return host.toLowerCase(Locale.ROOT);
    }

    private static boolean isHostName(String host) {
        if (host.isEmpty() || host.length() > MAX_HOST_CHARS) {
            return false;
        }
        char previous = '.';
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean allowed = Chars.isAlphanumeric(c) || c == '-' || c == '_';
            if (!allowed && (c != '.' || previous == '.')) {
                return false;
            }
            previous = c;
        }
        return previous != '.';
    }

    private static boolean isAddressLiteral(String host) {
        return host.endsWith("]") && IpAddresses.parseV6(host, 1, host.length() - 1) != null;
    }
}
