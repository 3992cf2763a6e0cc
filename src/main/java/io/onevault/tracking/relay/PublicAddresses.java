package io.onevault.tracking.relay;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Finds the addresses of a host that are anybody's to call, so that a webhook reaches nothing of
 * the network that the relay stands in. The connection is made to the very address that was looked
 * at, whatever the name says a moment later.
 */
final class PublicAddresses implements SocketAddressResolver {

    /** Networks as their first address and the bits that count, of the registries of IANA. */
    private static final int[][] NOT_PUBLIC = {
        {0x00_00_00_00, 8},
        {0x0a_00_00_00, 8},
        {0x64_40_00_00, 10},
        {0x7f_00_00_00, 8},
        {0xa9_fe_00_00, 16},
        {0xac_10_00_00, 12},
        {0xc0_00_00_00, 24},
        {0xc0_00_02_00, 24},
        {0xc0_58_63_00, 24},
        {0xc0_a8_00_00, 16},
        {0xc6_12_00_00, 15},
        {0xc6_33_64_00, 24},
        {0xcb_00_71_00, 24},
        {0xe0_00_00_00, 3}
    };

    @Override
    public void resolve(
            String host,
            int port,
            Map<String, Object> context,
            Promise<List<InetSocketAddress>> promise) {
        try {
            List<InetSocketAddress> found = new ArrayList<>();
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (isPublic(address.getAddress())) {
                    found.add(new InetSocketAddress(address, port));
                }
            }
            if (found.isEmpty()) {
                promise.failed(new UnknownHostException("no public address"));
            } else {
                promise.succeeded(found);
            }
        } catch (UnknownHostException e) {
            promise.failed(new UnknownHostException("no such host"));
        }
    }

    static boolean isPublic(byte[] address) {
        int first = prefix(address);
        if (address.length == 16) {
            // Global unicast, but for Teredo and 6to4, which hold IPv4 addresses, and examples.
            boolean isGlobal = first >>> 29 == 1;
            return isGlobal
                    && first != 0x20_01_00_00
                    && first != 0x20_01_0d_b8
                    && first >>> 16 != 0x20_02;
        }
        for (int[] network : NOT_PUBLIC) {
            if ((first ^ network[0]) >>> (32 - network[1]) == 0) {
                return false;
            }
        }
        return true;
    }

    private static int prefix(byte[] address) {
        return (address[0] & 0xff) << 24
                | (address[1] & 0xff) << 16
                | (address[2] & 0xff) << 8
                | address[3] & 0xff;
    }
}
