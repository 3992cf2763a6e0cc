package io.onevault.tracking.collector;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.PartitionInfo;

/** The collector as a program to be measured: no budgets, and without Kafka if it is asked to. */
public final class BenchCollector {

    private static final int UNBOUND = 1_000_000_000;
    private static final String TOPIC = "bench";

    private BenchCollector() {}

    /**
     * Port, address of the database, brokers; no brokers: it answers right after the checks; a
     * fourth one: it is the bare server.
     */
    public static void main(String[] args) throws Exception {
        if (args.length > 3) {
            BareServer.run(
                    Integer.parseInt(args[0]), new EventWriter(KafkaAccess.plain(args[2]), TOPIC));
            return;
        }
        CollectorSettings settings =
                new CollectorSettings(
                        "127.0.0.1",
                        Integer.parseInt(args[0]),
                        new DatabaseAccess(args[1], "postgres", ""),
                        KafkaAccess.plain(args[2]),
                        TOPIC,
                        CollectorSettings.Proxies.NONE,
                        new CollectorSettings.Limits(
                                UNBOUND,
                                UNBOUND,
                                UNBOUND,
                                UNBOUND,
                                Duration.ofSeconds(20),
                                UNBOUND),
                        CollectorSettings.Paths.USUAL,
                        Map.of());
        CollectorServer server =
                args[2].isEmpty()
                        ? CollectorServer.start(settings, new EventWriter(nowhere(), TOPIC))
                        : CollectorServer.start(settings);
        server.join();
    }

    /** Acknowledges everything at once and keeps nothing. */
    @SuppressWarnings("unchecked")
    private static Producer<byte[], byte[]> nowhere() {
        return (Producer<byte[], byte[]>)
                Proxy.newProxyInstance(
                        BenchCollector.class.getClassLoader(),
                        new Class<?>[] {Producer.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("partitionsFor")) {
                                return List.of(new PartitionInfo(TOPIC, 0, null, null, null));
                            }
                            if (method.getName().equals("send") && arguments.length == 2) {
                                ((Callback) arguments[1]).onCompletion(null, null);
                            }
                            return null;
                        });
    }
}
