package io.onevault.tracking.collector;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.InetAddressSet;
import org.eclipse.jetty.util.StringUtil;
import org.jspecify.annotations.Nullable;

/**
 * Whose request it is: the first address, from the nearest on, that is no proxy of ours. Anybody
 * can write {@code X-Forwarded-For}; what lies behind the first stranger is hearsay.
 */
final class ClientAddress {

    private static final Pattern VERSION_4 =
            Pattern.compile("((25[0-5]|(2[0-4]|1?\\d)?\\d)(\\.(?!$)|$)){4}");

    /** With a colon Java takes a text for an address or for nothing. */
    private static final Pattern VERSION_6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private static final String FORWARDED = HttpHeader.FORWARDED.asString();

    /**
     * The first that is there counts. Cloudflare's own is the last: a proxy before it that adds to
     * one of the others may hand on whatever a client wrote there.
     */
    private static final List<String> USUAL =
            List.of(HttpHeader.X_FORWARDED_FOR.asString(), FORWARDED, "CF-Connecting-IP");

    private final InetAddressSet proxies = new InetAddressSet();
    private final List<String> headers;

    ClientAddress(CollectorSettings.Proxies believed) {
        proxies.addAll(believed.networks());
        headers = believed.header() == null ? USUAL : List.of(believed.header());
    }

    String of(Request request) {
        return of(Request.getRemoteAddr(request), request.getHeaders());
    }

    String of(String peer, HttpFields headers) {
        if (proxies.isEmpty() || !isProxy(peer)) {
            return peer;
        }
        String nearest = peer;
        for (String noted : forwarded(headers)) {
            String plain = withoutPort(noted);
            if (address(plain) == null) {
                return nearest;
            }
            nearest = plain;
            if (!isProxy(plain)) {
                return plain;
            }
        }
        return nearest;
    }

    /** Addresses as proxies have noted them, the nearest first. */
    private List<String> forwarded(HttpFields given) {
        for (String header : headers) {
            List<String> all = noted(given, header);
            if (!all.isEmpty()) {
                if (header.equalsIgnoreCase(FORWARDED)) {
                    all.replaceAll(ClientAddress::client);
                }
                Collections.reverse(all);
                return all;
            }
        }
        return List.of();
    }

    /**
     * What is between commas, also those in quotes: a quote that a client leaves open would hide
     * what a proxy writes behind it, and no address has a comma.
     */
    private static List<String> noted(HttpFields headers, String name) {
        List<String> all = new ArrayList<>();
        for (String line : headers.getValuesList(name)) {
            for (String hop : line.split(",")) {
                if (!hop.isBlank()) {
                    all.add(hop.strip());
                }
            }
        }
        return all;
    }

    /** Whose request a hop was; nobody's where it does not say, or what is behind would count. */
    private static String client(String hop) {
        for (String part : hop.split(";")) {
            String pair = part.strip();
            if (StringUtil.asciiToLowerCase(pair).startsWith("for=")) {
                return pair.substring(4).replace("\"", "");
            }
        }
        return "";
    }

    private static String withoutPort(String address) {
        if (address.startsWith("[")) {
            int end = address.indexOf(']');
            return end < 0 ? address : address.substring(1, end);
        }
        int colon = address.indexOf(':');
        return colon > 0 && colon == address.lastIndexOf(':')
                ? address.substring(0, colon)
                : address;
    }

    private boolean isProxy(String text) {
        InetAddress address = address(withoutPort(text));
        return address != null && isProxy(address);
    }

    boolean isProxy(InetAddress address) {
        return proxies.test(address);
    }

    /** The address that a text is, null when it is none; no name is ever looked up. */
    private static @Nullable InetAddress address(String text) {
        boolean isAddress =
                text.indexOf(':') >= 0
                        ? VERSION_6.matcher(text).matches()
                        : VERSION_4.matcher(text).matches();
        try {
            return isAddress ? InetAddress.getByName(text) : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
