package io.onevault.tracking.collector;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the collector listens, reads and writes, and how much it lets in.
 *
 * @param host address to listen on
 * @param port 0: any free one
 * @param topic that the streaming job reads
 * @param proxies who is believed when it says whose request it is
 * @param limits how many events are let in
 * @param paths where the doors are
 * @param folders of the class path that are served beside, by the prefix of their paths
 */
public record CollectorSettings(
        String host,
        int port,
        DatabaseAccess database,
        KafkaAccess kafka,
        String topic,
        Proxies proxies,
        Limits limits,
        Paths paths,
        Map<String, String> folders) {

    /**
     * Proxies that say whose request it is.
     *
     * @param networks their addresses and networks ({@code 10.0.0.0/8})
     * @param header the only one in which they do; null: whichever of the usual ones there is
     */
    public record Proxies(List<String> networks, @Nullable String header) {

        public static final Proxies NONE = new Proxies(List.of(), null);
    }

    /**
     * Events a second, and at once after a pause.
     *
     * @param keyPerSecond of one key
     * @param addressPerSecond of one address, behind which an office may be
     * @param patience how long a request's head may be on its way, and then its body
     * @param bodyBytes of all requests at hand
     */
    public record Limits(
            int keyPerSecond,
            int keyBurst,
            int addressPerSecond,
            int addressBurst,
            Duration patience,
            long bodyBytes) {

        public static final Limits USUAL =
                new Limits(
                        5_000,
                        50_000,
                        100,
                        1_000,
                        Duration.ofSeconds(20),
                        Runtime.getRuntime().maxMemory() / 4);
    }

    /**
     * Paths that pages know; lists of ad blockers match names that say what they are for.
     *
     * @param pinned before the names of scripts that are made of their bytes; ends in a slash
     */
    public record Paths(String events, String script, String pinned, String pixel) {

        public static final Paths USUAL = new Paths("/in", "/tracker.js", "/t/", "/in.gif");
    }
}
