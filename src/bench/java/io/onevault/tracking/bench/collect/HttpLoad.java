package io.onevault.tracking.bench.collect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests of one event over kept connections, each as soon as the one before is answered, or
 * at times that are set beforehand, whatever is answered (open loop).
 */
public final class HttpLoad {

    /** Seconds in which this program is compiled: what it holds up then is not the server's. */
    private static final int LEAD = 3;

    private static final double SECOND = 1e9;

    private final int port;
    private final String key;
    private final long begin;
    private final long counted;
    private final long end;
    private final long gapNanos;
    private final int connections;

    private HttpLoad(String[] args) {
        this.port = Integer.parseInt(args[0]);
        this.key = args[1];
        this.connections = Integer.parseInt(args[2]);
        int rate = Integer.parseInt(args[3]);
        this.gapNanos = rate == 0 ? 0 : (long) (SECOND / rate);
        this.begin = System.nanoTime();
        this.counted = begin + (long) (LEAD * SECOND);
        this.end = counted + (long) (Integer.parseInt(args[4]) * SECOND);
    }

    /**
     * Port, key, connections, requests a second (0: as many as are answered), seconds. An empty
     * line tells that counting begins.
     */
    public static void main(String[] args) throws Exception {
        new HttpLoad(args).run();
    }

    private void run() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        List<Future<Latencies>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int number = i;
            all.add(threads.submit(() -> send(number)));
        }
        while (System.nanoTime() < counted) {
            LockSupport.parkNanos(counted - System.nanoTime());
        }
        System.out.println();
        Latencies sum = new Latencies();
        for (Future<Latencies> one : all) {
            sum.add(one.get());
        }
        threads.shutdown();
        System.out.println(sum.told((System.nanoTime() - counted) / SECOND));
    }

    private Latencies send(int connection) throws IOException {
        Latencies seen = new Latencies();
        try (PageConnection page = new PageConnection(port, key)) {
            for (int i = 0; ; i++) {
                long due = begin + ((long) i * connections + connection) * gapNanos;
                long from = gapNanos == 0 ? System.nanoTime() : due;
                if (from >= end) {
                    return seen;
                }
                while (System.nanoTime() < from) {
                    LockSupport.parkNanos(from - System.nanoTime());
                }
                boolean taken = page.send((long) i * connections + connection);
                if (from < counted) {
                    continue;
                }
                if (taken) {
                    seen.take(System.nanoTime() - from);
                } else {
                    seen.refuse();
                }
            }
        }
    }
}
