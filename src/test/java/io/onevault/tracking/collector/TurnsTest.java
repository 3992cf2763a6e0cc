package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets a turn, and in which order. */
final class TurnsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();
    private final BlockingQueue<Refused> refused = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        release.countDown();
        clock.shutdownNow();
    }

    private void take(Turns turns, String party, String name, boolean isHeld) {
        turns.take(
                party,
                () -> {
                    begun.add(name);
                    if (isHeld) {
                        await();
                    }
                    done.add(name);
                },
                refused::add);
    }

    private void await() {
        try {
            assertThat(release.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(1, TimeUnit.MINUTES);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void alwaysLeavesPlacesForOthers() throws Exception {
        try (Turns turns = new Turns(12, LONG, clock)) {
            for (String flooding : List.of("a", "b", "c")) {
                for (int i = 0; i < 50; i++) {
                    take(turns, flooding, flooding, true);
                }
            }

            take(turns, "other", "answered", false);

            assertThat(next(done)).isEqualTo("answered");
            assertThat(begun)
                    .as("half, then half of the rest: 6, 3 and 2")
                    .filteredOn(name -> !name.equals("answered"))
                    .hasSizeLessThanOrEqualTo(11);
            release.countDown();
            for (int i = 0; i < 150; i++) {
                assertThat(next(done)).isNotEqualTo("answered");
            }
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void servesWhoWaitsOneAfterTheOther() throws Exception {
        try (Turns turns = new Turns(1, LONG, clock)) {
            take(turns, "a", "a1", true);
            take(turns, "a", "a2", false);
            take(turns, "a", "a3", false);
            take(turns, "b", "b1", false);
            take(turns, "b", "b2", false);
            release.countDown();

            assertThat(List.of(next(done), next(done), next(done), next(done), next(done)))
                    .containsExactly("a1", "a2", "b1", "a3", "b2");
        }
    }

    @Test
    void refusesAPartyOfWhichTooMuchWaits() throws Exception {
        try (Turns turns = new Turns(1, LONG, clock)) {
            for (int i = 0; i <= Turns.MOST_WAITING; i++) {
                take(turns, "a", "a", true);
            }
            assertThat(refused).isEmpty();

            take(turns, "a", "too many", true);
            take(turns, "b", "b", false);

            assertThat(next(refused))
                    .extracting(Refused::status, Refused::code, Refused::retryAfterSeconds)
                    .containsExactly(429, "TOO_MANY_QUESTIONS", 5);
            release.countDown();
            List<String> all = new ArrayList<>();
            for (int i = 0; i <= Turns.MOST_WAITING + 1; i++) {
                all.add(next(done));
            }
            assertThat(all).contains("b").doesNotContain("too many");
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void refusesWhatWaitedForTooLong() throws Exception {
        try (Turns turns = new Turns(1, Duration.ofMillis(1), clock)) {
            take(turns, "a", "first", true);
            take(turns, "b", "late", false);

            assertThat(next(refused))
                    .extracting(Refused::status, Refused::code, Refused::retryAfterSeconds)
                    .containsExactly(503, "TOO_MANY_QUESTIONS", 5);
            release.countDown();
            assertThat(next(done)).isEqualTo("first");
            assertThat(begun).containsExactly("first");
        }
    }
}
