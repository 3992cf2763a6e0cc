package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.text.Sha256;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long a key is believed, and what happens while the database is away. */
final class KeyRingTest {

    private static final long MINUTE = 60_000;
    private static final long PAUSE = LookupGate.PAUSE.toMillis();
    private static final String HERE = "127.0.0.1";
    private static final Site SITE =
            new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null);

    private final AtomicLong now = new AtomicLong(1_000_000);
    private Optional<Site> inDatabase = Optional.of(SITE);
    private boolean isAway;
    private volatile boolean isSlow;
    private int asked;
    private final InstantSource clock = () -> Instant.ofEpochMilli(now.get());
    private final KeyRing keys = new KeyRing(this::find, new Budgets(1, 3, clock), clock);

    @Test
    void asksOnceAMinuteAndForgetsARevokedKeyByThen() {
        assertThat(keys.site("key", HERE)).contains(SITE);
        inDatabase = Optional.empty();
        now.addAndGet(MINUTE - 1);
        assertThat(keys.site("key", HERE)).contains(SITE);
        assertThat(asked).isEqualTo(1);
        now.addAndGet(1);
        assertThat(keys.site("key", HERE)).isEmpty();
        assertThat(keys.site("key", HERE)).as("the next one").isEmpty();
        assertThat(keys.known("key").site()).isEmpty();
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void knowsAKeyForAMinute() {
        assertThat(keys.known("key")).isNull();
        keys.site("key", HERE);
        now.addAndGet(MINUTE - 1);
        assertThat(keys.known("key").site()).contains(SITE);
        now.addAndGet(1);
        assertThat(keys.known("key")).isNull();
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void goesOnForAnHourWithoutTheDatabaseAndAsksItOnceAMinute() {
        keys.site("key", HERE);
        isAway = true;
        for (int minute = 1; minute < 60; minute++) {
            now.addAndGet(MINUTE);
            assertThat(keys.site("key", HERE)).contains(SITE);
            assertThat(keys.site("key", HERE)).contains(SITE);
        }
        assertThat(asked).isEqualTo(60);
        now.addAndGet(MINUTE);
        assertThatThrownBy(() -> keys.site("key", HERE)).isInstanceOf(Refused.class);
    }

    @Test
    void doesNotGuessWhatAnUnknownKeyOpens() {
        isAway = true;
        assertThatThrownBy(() -> keys.site("key", HERE)).isInstanceOf(Refused.class);
        isAway = false;
        now.addAndGet(PAUSE);
        assertThat(keys.site("key", HERE)).contains(SITE);
    }

    @Test
    void asksForFewUnknownKeysOfAnAddressAndForThoseThatAreKnownAllTheSame() {
        keys.site("known", HERE);
        inDatabase = Optional.empty();
        for (int i = 0; i < 3; i++) {
            assertThat(keys.site("guess " + i, HERE)).isEmpty();
            assertThat(keys.site("guess " + i, HERE)).isEmpty();
        }
        assertThat(asked).isEqualTo(4);

        assertThatThrownBy(() -> keys.site("guess", HERE))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.retryAfterSeconds()).isEqualTo(1));

        assertThat(keys.site("known", HERE)).contains(SITE);
        assertThat(keys.site("guess", "198.51.100.1")).isEmpty();
        assertThat(asked).isEqualTo(5);
        now.addAndGet(1_000);
        assertThat(keys.site("one more", HERE)).isEmpty();
    }

    @Test
    void countsUnknownKeysOfAnIpv6CustomerTogether() {
        inDatabase = Optional.empty();
        for (int i = 0; i < 3; i++) {
            assertThat(keys.site("guess " + i, "2001:db8:1:2::" + i)).isEmpty();
        }

        assertThatThrownBy(() -> keys.site("guess", "2001:db8:1:2::9")).isInstanceOf(Refused.class);
        assertThat(keys.site("guess", "2001:db8:1:3::9")).isEmpty();
    }

    @Test
    void refusesUnknownKeysAtOnceForAWhileAfterAFailure() {
        isAway = true;
        assertThatThrownBy(() -> keys.site("first", HERE)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> keys.site("second", HERE)).isInstanceOf(Refused.class);
        now.addAndGet(PAUSE - 1);
        assertThatThrownBy(() -> keys.site("third", HERE)).isInstanceOf(Refused.class);
        assertThat(asked).isEqualTo(1);

        isAway = false;
        now.addAndGet(1);
        assertThat(keys.site("fourth", HERE)).contains(SITE);
        assertThat(keys.site("fifth", HERE)).contains(SITE);
        assertThat(asked).isEqualTo(3);
    }

    @Test
    void goesOnWithKnownKeysWhereNobodyMayAskAndAsksForThemAsSoonAsOneMay() {
        keys.site("known", HERE);
        isAway = true;
        now.addAndGet(MINUTE);
        assertThatThrownBy(() -> keys.site("unknown", HERE)).isInstanceOf(Refused.class);

        assertThat(keys.site("known", HERE)).contains(SITE);

        assertThat(asked).isEqualTo(2);
        isAway = false;
        inDatabase = Optional.empty();
        now.addAndGet(PAUSE);
        assertThat(keys.site("known", HERE)).isEmpty();
    }

    @Test
    void hasNoMoreThanThreeRequestsWaitForTheDatabase() throws Exception {
        CountDownLatch asking = new CountDownLatch(3);
        CountDownLatch answer = new CountDownLatch(1);
        KeyRing slow =
                new KeyRing(
                        hash -> {
                            asking.countDown();
                            awaitEnd(answer);
                            return Optional.of(SITE);
                        },
                        new Budgets(100, 100, clock),
                        clock);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Optional<Site>>> waiting = new ArrayList<>();
            for (String key : List.of("first", "second", "third")) {
                waiting.add(threads.submit(() -> slow.site(key, HERE)));
            }
            asking.await();

            assertThatThrownBy(() -> slow.site("fourth", HERE))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.code()).isEqualTo("KEYS_UNREADABLE"));

            answer.countDown();
            for (Future<Optional<Site>> one : waiting) {
                assertThat(one.get()).contains(SITE);
            }
            assertThat(slow.site("fourth", HERE)).contains(SITE);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void asksOnceForAllWhoComeTogetherWithAKey() throws Exception {
        int together = 30;
        AtomicInteger lookups = new AtomicInteger();
        CountDownLatch come = new CountDownLatch(together);
        KeyRing slow =
                new KeyRing(
                        hash -> {
                            lookups.incrementAndGet();
                            awaitEnd(come);
                            return Optional.of(SITE);
                        },
                        new Budgets(100, 100, clock),
                        clock);
        ExecutorService threads = Executors.newFixedThreadPool(together);
        try {
            List<Future<Optional<Site>>> asking = new ArrayList<>();
            for (int i = 0; i < together; i++) {
                asking.add(
                        threads.submit(
                                () -> {
                                    come.countDown();
                                    return slow.site("key", HERE);
                                }));
            }
            for (Future<Optional<Site>> one : asking) {
                assertThat(one.get()).contains(SITE);
            }
            assertThat(lookups).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesAWithdrawnKeyInTimeAlthoughUnknownOnesTakeAllPlaces() throws Exception {
        CountDownLatch asking = new CountDownLatch(3);
        CountDownLatch answer = new CountDownLatch(1);
        KeyRing ring = ring(Set.of("guess 1", "guess 2", "guess 3"), asking, answer);
        assertThat(ring.site("key", HERE)).contains(SITE);
        inDatabase = Optional.empty();
        now.addAndGet(MINUTE);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int i = 1; i <= 3; i++) {
                String guess = "guess " + i;
                threads.submit(() -> ring.site(guess, HERE));
            }
            asking.await();

            assertThat(ring.site("key", HERE)).isEmpty();
        } finally {
            answer.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void believesAnOldKeyOnlyWhereTheDatabaseAnswersNobody() throws Exception {
        CountDownLatch asking = new CountDownLatch(2);
        CountDownLatch answer = new CountDownLatch(1);
        KeyRing ring = ring(Set.of(), asking, answer);
        for (String key : List.of("key", "slow 1", "slow 2")) {
            assertThat(ring.site(key, HERE)).contains(SITE);
        }
        isSlow = true;
        now.addAndGet(MINUTE);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (String key : List.of("slow 1", "slow 2")) {
                threads.submit(() -> ring.site(key, HERE));
            }
            asking.await();

            assertThatThrownBy(() -> ring.site("key", HERE))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.code()).isEqualTo("KEYS_UNREADABLE"));
            now.addAndGet(LookupGate.PATIENCE.toMillis());
            assertThat(ring.site("key", HERE)).contains(SITE);
        } finally {
            answer.countDown();
            threads.shutdownNow();
        }
    }

    /** Its visitors are let in meanwhile by those who read connections, who must not wait. */
    @Test
    void knowsAnOldKeyWhileOneRequestAsksForIt() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        KeyRing ring = ring(Set.of(), asking, answer);
        ring.site("key", HERE);
        isSlow = true;
        now.addAndGet(MINUTE);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            threads.submit(() -> ring.site("key", HERE));
            asking.await();

            assertThat(ring.known("key").site()).contains(SITE);
        } finally {
            answer.countDown();
            threads.shutdownNow();
        }
    }

    /** Where look-ups of these keys, or all once the database is slow, wait for the answer. */
    private KeyRing ring(Set<String> held, CountDownLatch asking, CountDownLatch answer) {
        Set<String> hashes = new HashSet<>();
        held.forEach(key -> hashes.add(HexFormat.of().formatHex(Sha256.of(key))));
        return new KeyRing(
                hash -> {
                    if (isSlow || hashes.contains(HexFormat.of().formatHex(hash))) {
                        asking.countDown();
                        awaitEnd(answer);
                    }
                    return inDatabase;
                },
                new Budgets(100, 100, clock),
                clock);
    }

    private static void awaitEnd(CountDownLatch latch) throws SQLException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new SQLException(e);
        }
    }

    private Optional<Site> find(byte[] keyHash) throws SQLException {
        asked++;
        if (isAway) {
            throw new SQLException("away");
        }
        return inDatabase;
    }
}
