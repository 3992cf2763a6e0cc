package io.onevault.tracking.collector;

import io.onevault.tracking.enrich.IpNetworks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Connection;

/**
 * Closes what an address opens beyond its share of connections, so that it leaves some to others;
 * Jetty's own limits count all together. A proxy, behind which many are, has no share.
 */
final class ConnectionShare implements Connection.Listener {

    private final int most;
    private final Predicate<InetAddress> isProxy;
    private final Map<Connection, String> senders = new ConcurrentHashMap<>();
    private final Map<String, Integer> opened = new ConcurrentHashMap<>();

    /**
     * @param most connections that an address may have
     */
    ConnectionShare(int most, Predicate<InetAddress> isProxy) {
        this.most = most;
        this.isProxy = isProxy;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress peer
                && !isProxy.test(peer.getAddress())) {
            String sender = IpNetworks.sender(peer.getAddress().getHostAddress());
            senders.put(connection, sender);
            if (opened.merge(sender, 1, Integer::sum) > most) {
                connection.getEndPoint().close();
            }
        }
    }

    @Override
    public void onClosed(Connection connection) {
        String sender = senders.remove(connection);
        if (sender != null) {
            opened.computeIfPresent(sender, (of, held) -> held > 1 ? held - 1 : null);
        }
    }
}
