package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How much a sender may send. */
final class BudgetsTest {

    private final AtomicLong now = new AtomicLong(1_000_000);
    private final Budgets budgets = new Budgets(10, 50, () -> Instant.ofEpochMilli(now.get()));

    @Test
    void letsABurstPassAndThenSoManyASecond() {
        assertThat(budgets.take("a", 50)).isZero();
        assertThat(budgets.take("a", 1)).isEqualTo(-1);
        now.addAndGet(100);
        assertThat(budgets.take("a", 1)).isZero();
        now.addAndGet(1_000_000);
        assertThat(budgets.take("a", 20)).isEqualTo(30);
    }

    @Test
    void tellsHowLongToWait() {
        budgets.take("a", 50);

        assertThat(budgets.take("a", 30)).isEqualTo(-3);
        now.addAndGet(3_000);
        assertThat(budgets.take("a", 30)).isZero();
    }

    @Test
    void tellsWhenABudgetIsFull() {
        assertThat(budgets.secondsUntilFull(50)).isZero();
        assertThat(budgets.secondsUntilFull(49)).isEqualTo(1);
        assertThat(budgets.secondsUntilFull(0)).isEqualTo(5);
    }

    @Test
    void takesNothingForWhatItRefuses() {
        budgets.take("a", 40);

        assertThat(budgets.take("a", 20)).isNegative();
        assertThat(budgets.take("a", 10)).isZero();
    }

    @Test
    void letsARequestThatIsLargerThanTheBurstPassOnAFullBudget() {
        assertThat(budgets.take("a", 80)).isZero();
        assertThat(budgets.take("a", 80)).isEqualTo(-8);
        now.addAndGet(7_000);
        assertThat(budgets.take("a", 80)).isNegative();
        now.addAndGet(1_001);
        assertThat(budgets.take("a", 80)).isZero();
    }

    @Test
    void countsWhatARequestHasPaidBefore() {
        assertThat(budgets.take("a", 1)).isEqualTo(49);
        assertThat(budgets.take("a", 79, 1)).as("as 80 at once").isZero();
        now.addAndGet(7_900);
        assertThat(budgets.take("a", 1)).isEqualTo(48);
        assertThat(budgets.take("a", 50, 1)).as("as 51 at once").isEqualTo(-1);
    }

    @Test
    void givesNothingForAClockThatGoesBack() {
        budgets.take("a", 50);
        now.addAndGet(-60_000);

        assertThat(budgets.take("a", 1)).isNegative();
    }

    @Test
    void keepsSendersApart() {
        budgets.take("a", 50);

        assertThat(budgets.take("b", 50)).isZero();
    }

    /** It may be an address, and nobody may come for days. */
    @Test
    void forgetsWhoIsSilentWhereNobodyElseComes() throws Exception {
        Budgets brief = new Budgets(10, 1, InstantSource.system());
        brief.take("192.0.2.7", 1);
        assertThat(brief.remembered()).isEqualTo(1);

        Instant end = Instant.now().plusSeconds(60);
        while (brief.remembered() > 0) {
            assertThat(Instant.now()).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
