package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

class TenantReadingsTest {

    private static final Duration REFRESH = Duration.ofSeconds(10);
    private static final Duration PACE = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private final TenantReadings readings = new TenantReadings(REFRESH, PACE, clock);

    private boolean isDue() {
        return readings.nanosUntilDue() <= 0;
    }

    private void read(boolean success) throws Exception {
        assertThat(isDue()).isTrue();
        assertThat(readings.begin()).isTrue();
        readings.end(success);
    }

    @Test
    void readsAtOnceAndThenWhenTenantsAreOld() throws Exception {
        read(true);
        clock.advanceTime(REFRESH.minusNanos(1));
        assertThat(isDue()).isFalse();

        clock.advanceTime(Duration.ofNanos(1));
        read(true);
    }

    @Test
    void readsOnceASecondHoweverManyAsk() throws Exception {
        read(true);
        int count = 0;
        for (int millis = 0; millis < 5_000; millis++) {
            for (int i = 0; i < 20; i++) {
                readings.ask();
            }
            clock.advanceTime(Duration.ofMillis(1));
            if (isDue()) {
                read(true);
                count++;
            }
        }

        assertThat(count).isEqualTo(5);
    }

    @Test
    void aReadingAnswersThoseWhoAskedBeforeItBegan() throws Exception {
        read(true);
        long before = readings.ask();
        clock.advanceTime(PACE);
        assertThat(readings.begin()).isTrue();
        long during = readings.ask();
        readings.end(true);

        assertThat(readings.succeeded(before)).isTrue();
        assertThat(readings.succeeded(during)).isFalse();

        clock.advanceTime(PACE);
        read(true);
        assertThat(readings.succeeded(during)).isTrue();
    }

    @Test
    void aReadingThatFailsAnswersNobody() throws Exception {
        read(true);
        long number = readings.ask();
        clock.advanceTime(PACE);
        read(false);
        assertThat(readings.succeeded(number)).isFalse();

        readings.ask();
        clock.advanceTime(PACE);
        read(true);
        assertThat(readings.succeeded(number)).isTrue();
    }

    @Test
    void nobodyWaitsForADatabaseThatIsAway() throws Exception {
        read(true);
        clock.advanceTime(REFRESH);
        read(false);

        // Would wait for ever, as this clock stands still.
        readings.await(readings.ask(), Duration.ofHours(1));

        assertThat(isDue()).as("asked for, and urgent").isTrue();
    }

    @Test
    void nobodyWaitsBehindAReadingThatIsStuck() throws Exception {
        read(true);
        clock.advanceTime(REFRESH);
        assertThat(readings.begin()).isTrue();
        clock.advanceTime(Duration.ofHours(1));

        readings.await(readings.ask(), Duration.ofHours(1));
    }

    @Test
    void beginsNoneWhenClosed() throws Exception {
        readings.close();

        assertThat(readings.begin()).isFalse();
    }
}
