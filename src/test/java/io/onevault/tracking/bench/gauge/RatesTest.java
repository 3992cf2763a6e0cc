package io.onevault.tracking.bench.gauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RatesTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void spreadsRecordsEvenlyBetweenTwoCommits() {
        Rates rates = new Rates();
        rates.add(0, 0);
        rates.add(4 * SECOND, 400);
        rates.add(8 * SECOND, 1_200);

        assertThat(rates.perWindow(0, 2 * SECOND)).containsExactly(100, 100, 200, 200);
        assertThat(rates.committedAt(6 * SECOND)).isEqualTo(800, within(1e-9));
    }

    @Test
    void leavesOutTheWarmUpAndTheWindowThatIsNotFull() {
        Rates rates = new Rates();
        rates.add(0, 0);
        rates.add(5 * SECOND, 50);
        rates.add(10 * SECOND, 1_050);

        assertThat(rates.perWindow(5 * SECOND, 2 * SECOND)).containsExactly(200, 200);
        assertThat(rates.perWindow(9 * SECOND, 2 * SECOND)).isEmpty();
    }

    @Test
    void keepsTheFirstMomentAtWhichSoManyWereCommitted() {
        Rates rates = new Rates();
        rates.add(0, 0);
        rates.add(2 * SECOND, 100);
        rates.add(60 * SECOND, 100);

        assertThat(rates.last()).isEqualTo(new Rates.Sample(2 * SECOND, 100));
        assertThat(rates.committedAt(90 * SECOND)).isEqualTo(100);
    }

    @Test
    void takesQuantilesByNearestRank() {
        double[] values = {4, 1, 3, 2};

        assertThat(Rates.quantile(values, 0.5)).isEqualTo(2);
        assertThat(Rates.quantile(values, 0.99)).isEqualTo(4);
        assertThat(Rates.quantile(values, 1)).isEqualTo(4);
        assertThat(Rates.quantile(new double[0], 0.5)).isNaN();
    }
}
