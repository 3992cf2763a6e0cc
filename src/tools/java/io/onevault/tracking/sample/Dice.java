package io.onevault.tracking.sample;

import io.onevault.tracking.generator.SeededRandom;
import java.util.List;

/** Draws for sample traffic; StrictMath keeps them the same on every machine. */
final class Dice {

    private static final String ID_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyz";

    private final SeededRandom random;

    Dice(long seed) {
        random = new SeededRandom(seed);
    }

    int below(int bound) {
        return random.below(bound);
    }

    /** Uniform, both ends included. */
    int between(int least, int most) {
        return least + random.below(most - least + 1);
    }

    boolean chance(double share) {
        return random.chance(share);
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.below(choices.size()));
    }

    /** One of the first choices more often than one of the last: by square of the draw. */
    <T> T pickPopular(List<T> choices) {
        double draw = random.unit();
        return choices.get((int) (draw * draw * choices.size()));
    }

    /** A row of a table by the weight in its first column. */
    List<String> pickWeighted(List<List<String>> rows) {
        int total = 0;
        for (List<String> row : rows) {
            total += Integer.parseInt(row.get(0));
        }
        int left = random.below(total);
        for (List<String> row : rows) {
            left -= Integer.parseInt(row.get(0));
            if (left < 0) {
                return row;
            }
        }
        throw new IllegalArgumentException("no row has a weight");
    }

    /** A log-normal duration in milliseconds: most are short, a few are very long. */
    long skewedMillis(double medianSeconds) {
        double normal = 0;
        for (int i = 0; i < 12; i++) {
            normal += random.unit();
        }
        return (long) (medianSeconds * 1_000 * StrictMath.exp(0.9 * (normal - 6)));
    }

    /** A geometric count from 1, with this mean. */
    int count(double mean) {
        int count = 1;
        while (!random.chance(1 / mean)) {
            count++;
        }
        return count;
    }

    String id(int symbols) {
        StringBuilder id = new StringBuilder(symbols);
        for (int i = 0; i < symbols; i++) {
            id.append(ID_SYMBOLS.charAt(random.below(ID_SYMBOLS.length())));
        }
        return id.toString();
    }
}
