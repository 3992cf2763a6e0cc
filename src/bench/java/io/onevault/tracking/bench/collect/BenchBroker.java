package io.onevault.tracking.bench.collect;

import io.onevault.tracking.local.EmbeddedKafka;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A broker as a program, with Kafka's own settings of when it flushes: it leaves that to the
 * system.
 */
public final class BenchBroker {

    static final String TOPIC = "bench";

    private static final int PARTITIONS = 4;

    private BenchBroker() {}

    /** Folder, port of the broker, port of the controller. Says when it is ready, and stays. */
    public static void main(String[] args) throws Exception {
        Ports ports =
                new Ports(
                        Map.of(
                                Endpoint.KAFKA, Integer.parseInt(args[1]),
                                Endpoint.CONTROLLER, Integer.parseInt(args[2])));
        EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(args[0]), ports);
        kafka.createTopic(TOPIC, PARTITIONS);
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
