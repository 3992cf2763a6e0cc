package io.onevault.tracking.reference;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Counts right answers apart for two halves of a list, one of which no rule is tuned on. */
final class HeldBack {

    private final int[] right = new int[2];
    private final int[] all = new int[2];

    static boolean isHeldBack(String entry) {
        return half(entry) == 1;
    }

    void count(String entry, boolean isRight) {
        int half = half(entry);
        all[half]++;
        right[half] += isRight ? 1 : 0;
    }

    @Override
    public String toString() {
        return "held back %d of %d (%.4f), tuned on %d of %d (%.4f), together %d of %d (%.4f)"
                .formatted(
                        right[1],
                        all[1],
                        share(right[1], all[1]),
                        right[0],
                        all[0],
                        share(right[0], all[0]),
                        right[0] + right[1],
                        all[0] + all[1],
                        share(right[0] + right[1], all[0] + all[1]));
    }

    private static double share(int part, int whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private static int half(String entry) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(entry.getBytes(StandardCharsets.UTF_8));
            return hash[0] & 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
