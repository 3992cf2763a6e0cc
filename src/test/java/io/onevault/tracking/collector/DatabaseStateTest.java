package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How often the database is asked whether it is there. */
final class DatabaseStateTest {

    private volatile long now = -TimeUnit.HOURS.toNanos(1);
    private volatile boolean isThere = true;
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void asksOnceASecondWhoeverAsks() {
        DatabaseState state = new DatabaseState(this::ask, () -> now);
        for (int i = 0; i < 100; i++) {
            assertThat(state.isThere()).isTrue();
        }
        assertThat(asked).hasValue(1);

        isThere = false;
        assertThat(state.isThere()).as("as it was within the second").isTrue();
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(state.isThere()).isFalse();
        isThere = true;
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(state.isThere()).isTrue();
        assertThat(asked).hasValue(3);
    }

    private boolean ask() {
        asked.incrementAndGet();
        return isThere;
    }

    /** It takes seconds while the database is away. */
    @Test
    void keepsNobodyWaitingBehindWhoAsks() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        DatabaseState state =
                new DatabaseState(
                        () -> {
                            if (asked.incrementAndGet() == 1) {
                                return true;
                            }
                            begun.countDown();
                            await(release);
                            return false;
                        },
                        () -> now);
        assertThat(state.isThere()).isTrue();
        now += TimeUnit.SECONDS.toNanos(1);
        CompletableFuture<Boolean> asking = CompletableFuture.supplyAsync(state::isThere);
        await(begun);

        assertThat(state.isThere()).as("what was known last").isTrue();
        assertThat(asked).hasValue(2);

        now += TimeUnit.SECONDS.toNanos(10);
        CompletableFuture<Boolean> later = CompletableFuture.supplyAsync(state::isThere);
        release.countDown();
        assertThat(asking.get(1, TimeUnit.MINUTES)).isFalse();
        assertThat(later.get(1, TimeUnit.MINUTES))
                .as("what is that old, is told no more")
                .isFalse();
        assertThat(state.isThere()).isFalse();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
