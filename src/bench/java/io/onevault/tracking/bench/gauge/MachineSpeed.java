package io.onevault.tracking.bench.gauge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast the machine is at the moment, by a piece of work that is always the same: a virtual one
 * shares caches and cores with others, and differs from itself by more than most changes are worth.
 */
public final class MachineSpeed {

    /** Longs, more than the caches hold: 64 MiB for each core. */
    private static final int PLACES = 1 << 23;

    private static final int STEPS = 20_000_000;
    private static final double STEPS_A_NANO_TO_MILLIONS_A_SECOND = 1_000;

    private MachineSpeed() {}

    /** Reads and writes at random places, on all cores at once: millions a second and core. */
    public static double measure() throws InterruptedException, ExecutionException {
        int cores = Runtime.getRuntime().availableProcessors();
        ExecutorService threads = Executors.newFixedThreadPool(cores);
        try {
            Callable<Double> work = MachineSpeed::work;
            List<Callable<Double>> all = new ArrayList<>();
            for (int i = 0; i < cores; i++) {
                all.add(work);
            }
            double sum = 0;
            for (Future<Double> each : threads.invokeAll(all)) {
                sum += each.get();
            }
            return Math.round(sum / cores * 10) / 10.0;
        } finally {
            threads.shutdownNow();
        }
    }

    private static double work() {
        long[] places = new long[PLACES];
        walk(places, STEPS / 10);
        long before = System.nanoTime();
        walk(places, STEPS);
        return STEPS * STEPS_A_NANO_TO_MILLIONS_A_SECOND / (System.nanoTime() - before);
    }

    /** Each place depends on what was found at the one before, as in a tree or a hash table. */
    private static void walk(long[] places, int steps) {
        long state = 1;
        for (int i = 0; i < steps; i++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            int place = (int) (state & PLACES - 1);
            places[place] += state;
            state += places[place] & 1;
        }
    }
}
