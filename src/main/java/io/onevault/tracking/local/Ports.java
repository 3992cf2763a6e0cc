package io.onevault.tracking.local;

import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ports of one run: those asked for, else those of the last run, else any free ones. */
public record Ports(Map<Endpoint, Integer> byEndpoint) {

    private static final int ANY = 0;

    public static Ports find(DataDirectory directory, Map<Endpoint, Integer> asked)
            throws IOException {
        Map<Endpoint, Integer> found = new EnumMap<>(Endpoint.class);
        List<ServerSocket> held = new ArrayList<>();
        try {
            // All are held until the last is found, so that no port is given twice.
            for (Endpoint endpoint : Endpoint.values()) {
                ServerSocket socket = bind(endpoint, directory, asked.get(endpoint));
                held.add(socket);
                found.put(endpoint, socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        for (Map.Entry<Endpoint, Integer> entry : found.entrySet()) {
            directory.remember(entry.getKey().key(), entry.getValue().toString());
        }
        return new Ports(Map.copyOf(found));
    }

    private static ServerSocket bind(
            Endpoint endpoint, DataDirectory directory, @Nullable Integer asked)
            throws IOException {
        if (asked != null) {
            return bindAsked(endpoint, asked);
        }
        String last = directory.recall(endpoint.key());
        if (last != null) {
            try {
                return bind(Integer.parseInt(last));
            } catch (IOException taken) {
                return bind(ANY);
            }
        }
        return bind(ANY);
    }

    private static ServerSocket bindAsked(Endpoint endpoint, int port) {
        try {
            return bind(port);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(
                    "--ports " + endpoint + "=" + port + " cannot be used: " + e.getMessage());
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
    }

    public int of(Endpoint endpoint) {
        return byEndpoint.get(endpoint);
    }

    String address(Endpoint endpoint) {
        return "127.0.0.1:" + of(endpoint);
    }
}
