package io.onevault.tracking.collector;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.InetAddressSet;
import org.eclipse.jetty.util.StringUtil;

/**
 * Whose request it is: the first address, from the nearest on, that is no proxy of ours. Anybody
 * can write {@code X-Forwarded-For}; what lies behind the first stranger is hearsay.
 */
final class ClientAddress {

    private static final String CLOUDFLARE = "CF-Connecting-IP";

    private final InetAddressSet proxies = new InetAddressSet();

    /**
     * @param proxies addresses and networks ({@code 10.0.0.0/8}) of proxies that are believed
     */
    ClientAddress(List<String> proxies) {
        this.proxies.addAll(proxies);
    }

    String of(Request request) {
        String peer = Request.getRemoteAddr(request);
        if (proxies.isEmpty() || !isProxy(peer)) {
            return peer;
        }
        String told = request.getHeaders().get(CLOUDFLARE);
        if (told != null && isAddress(told)) {
            return told;
        }
        String nearest = peer;
        for (String address : forwarded(request.getHeaders())) {
            String plain = withoutPort(address);
            if (!isAddress(plain)) {
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
    private static List<String> forwarded(HttpFields headers) {
        List<String> all = new ArrayList<>(headers.getCSV(HttpHeader.X_FORWARDED_FOR, false));
        if (all.isEmpty()) {
            for (String hop : headers.getCSV(HttpHeader.FORWARDED, true)) {
                for (String part : hop.split(";")) {
                    if (StringUtil.asciiToLowerCase(part.strip()).startsWith("for=")) {
                        all.add(part.strip().substring(4).replace("\"", ""));
                    }
                }
            }
        }
        Collections.reverse(all);
        return all;
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

    private boolean isProxy(String address) {
        try {
            return proxies.test(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Digits, points and colons only, so that no name is ever looked up. */
    private static boolean isAddress(String text) {
        if (text.isEmpty() || text.length() > 45) {
            return false;
        }
        boolean separated = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            separated |= c == '.' || c == ':';
            if (Character.digit(c, 16) < 0 && c != '.' && c != ':') {
                return false;
            }
        }
        return separated;
    }
}
