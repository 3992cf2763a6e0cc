package io.onevault.tracking.generator;

/** Seeded random numbers that are the same on every machine and JDK (splitmix64). */
public final class SeededRandom {

    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    public SeededRandom(long seed) {
        state = scramble(seed);
    }

    long next() {
        state += STEP;
        return scramble(state);
    }

    /** Uniform in [0, bound); bound must be positive. */
    public int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** Uniform in [0, 1). */
    public double unit() {
        return (next() >>> 11) * UNIT;
    }

    public boolean chance(double share) {
        return unit() < share;
    }

    /** A bijection of the 64-bit numbers that looks random: unlike inputs stay unlike. */
    static long scramble(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
