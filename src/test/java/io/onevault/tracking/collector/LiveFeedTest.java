package io.onevault.tracking.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is told live figures, and who is not kept from them by whom. */
final class LiveFeedTest {

    private static final String SLOW = "slow";

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Turns turns = new Turns(4, Duration.ofMinutes(10), clock);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final LiveFeed feed = new LiveFeed(this::ask, turns, clock, Duration.ZERO);

    /** What somebody who looks was sent, and how that ended. */
    private static final class Viewer implements Subscriber.Refusing {

        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final CompletableFuture<Throwable> cut = new CompletableFuture<>();
        private final CompletableFuture<Refusal> refused = new CompletableFuture<>();
        private volatile boolean mayRead = true;

        private Subscriber reading() {
            return subscriber(true);
        }

        /** Takes the first event, and is never done with it. */
        private Subscriber stopped() {
            return subscriber(false);
        }

        private Subscriber subscriber(boolean reads) {
            return new Subscriber(
                    (last, bytes, sent) -> {
                        events.add(UTF_8.decode(bytes).toString());
                        if (reads) {
                            sent.succeeded();
                        } else {
                            cut.thenAccept(sent::failed);
                        }
                    },
                    Callback.from(() -> end.complete(null), end::completeExceptionally),
                    cut::complete,
                    () -> mayRead,
                    this);
        }

        @Override
        public void answer(Refusal refusal) {
            refused.complete(refusal);
        }

        @Override
        public Refusal of(Refusal refusal) {
            return new Refusal(refusal.status(), refusal.body() + " to this request");
        }

        private String next() throws InterruptedException {
            String event = events.poll(1, TimeUnit.MINUTES);
            assertThat(event).isNotNull();
            return event;
        }
    }

    @AfterEach
    void stop() {
        release.countDown();
        feed.close();
        turns.close();
        clock.shutdownNow();
    }

    private String ask(Question.Asked question) {
        if (question.call().equals(SLOW)) {
            try {
                assertThat(release.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return told(asked.incrementAndGet());
    }

    private static String told(int number) {
        return "{\"data\": " + number + ", \"success\": true}";
    }

    private static Question.Asked question(String call) {
        return new Question.Asked(call, List.of());
    }

    @Test
    void asksOnceForAllWhoLook() throws Exception {
        List<Viewer> viewers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Viewer viewer = new Viewer();
            feed.subscribe("acme", "acme", question("q"), viewer.reading());
            viewers.add(viewer);
        }

        for (Viewer viewer : viewers) {
            int first = number(viewer.next());
            // Who is told the last one while the next one comes has to wait for that after it.
            int second = number(viewer.next());
            assertThat(second - first).isBetween(1, 2);
            assertThat(number(viewer.next())).isEqualTo(second + 1);
        }
    }

    private static int number(String event) {
        assertThat(event).startsWith("data: ").endsWith("\n\n");
        return Integer.parseInt(event.replaceAll("\\D", ""));
    }

    @Test
    void aSlowPartyDelaysNoOther() throws Exception {
        for (int i = 0; i < LiveFeed.MOST_OF_A_PARTY; i++) {
            feed.subscribe(
                    "slow",
                    "slow",
                    new Question.Asked(SLOW, List.of(Integer.toString(i))),
                    new Viewer().reading());
        }
        Viewer other = new Viewer();
        feed.subscribe("other", "other", question("q"), other.reading());

        assertThat(List.of(number(other.next()), number(other.next()), number(other.next())))
                .containsExactly(1, 2, 3);
    }

    @Test
    void hasPlacesForEachParty() {
        List<Viewer> viewers = new ArrayList<>();
        for (int party = 0; party < LiveFeed.MOST_SUBSCRIBERS / LiveFeed.MOST_OF_A_PARTY; party++) {
            for (int i = 0; i < LiveFeed.MOST_OF_A_PARTY; i++) {
                Viewer viewer = new Viewer();
                feed.subscribe("party" + party, "party" + party, question("q"), viewer.reading());
                viewers.add(viewer);
            }
            assertRefused("party" + party, 429);
        }
        assertRefused("another", 503);

        viewers.get(0).mayRead = false;
        viewers.get(0).end.join();

        feed.subscribe("another", "another", question("q"), new Viewer().reading());
    }

    private void assertRefused(String party, int status) {
        assertThatThrownBy(
                        () -> feed.subscribe(party, party, question("q"), new Viewer().reading()))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.status()).isEqualTo(status);
                            assertThat(refused.code()).isEqualTo("TOO_MANY_READERS");
                            assertThat(refused.retryAfterSeconds()).isPositive();
                        });
    }

    @Test
    void cutsWhoDoesNotRead() throws Exception {
        Viewer stopped = new Viewer();
        Viewer reading = new Viewer();
        feed.subscribe("acme", "acme", question("q"), stopped.stopped());
        feed.subscribe("acme", "acme", question("q"), reading.reading());

        assertThat(stopped.end)
                .as("is ended as a failure")
                .failsWithin(Duration.ofMinutes(1))
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("not read");
        assertThat(stopped.events).hasSize(1);
        reading.next();
        reading.next();
    }

    @Test
    void goesOnWhenAQuestionFails() throws Exception {
        Viewer viewer = new Viewer();
        AtomicInteger tries = new AtomicInteger();
        try (LiveFeed failing =
                new LiveFeed(
                        question -> {
                            if (tries.incrementAndGet() == 1) {
                                throw new SQLException("away");
                            }
                            return told(7);
                        },
                        turns,
                        clock,
                        Duration.ZERO)) {
            failing.subscribe("acme", "acme", question("q"), viewer.reading());

            assertThat(viewer.next()).startsWith(":");
            assertThat(viewer.next()).isEqualTo("data: " + told(7) + "\n\n");
        }
        viewer.end.join();
    }

    private static final String REFUSAL =
            "{\"message\": \"m\", \"success\": false, \"error_code\": \"INVALID_ARGUMENT\"}";

    @Test
    void refusesInPlaceOfAnAnswer() {
        Viewer viewer = new Viewer();
        try (LiveFeed refusing =
                new LiveFeed(question -> REFUSAL, turns, clock, Duration.ofMinutes(1))) {
            refusing.subscribe("acme", "acme", question("q"), viewer.reading());

            assertThat(viewer.refused.join()).isEqualTo(new Refusal(400, REFUSAL));
            assertThat(viewer.events).isEmpty();
        }
    }

    @Test
    void tellsALaterRefusalAsTheLastEvent() throws Exception {
        Viewer viewer = new Viewer();
        AtomicInteger tries = new AtomicInteger();
        try (LiveFeed refusing =
                new LiveFeed(
                        question -> tries.incrementAndGet() == 1 ? told(1) : REFUSAL,
                        turns,
                        clock,
                        Duration.ofMinutes(1))) {
            refusing.subscribe("acme", "acme", question("q"), viewer.reading());

            assertThat(viewer.next()).startsWith("data: ");
            assertThat(viewer.next())
                    .isEqualTo("event: error\ndata: " + REFUSAL + " to this request\n\n");
            viewer.end.join();
        }
    }

    @Test
    void refusesAQuestionThatTakesTooLong() {
        Viewer viewer = new Viewer();
        try (LiveFeed refusing =
                new LiveFeed(
                        question -> {
                            throw new SQLException("stopped", "57014");
                        },
                        turns,
                        clock,
                        Duration.ofMinutes(1))) {
            refusing.subscribe("acme", "acme", question("q"), viewer.reading());

            assertThat(viewer.refused.join().status()).isEqualTo(504);
        }
    }

    /** They share turns, of which there are two. */
    @Test
    void aLinkWithManyQuestionsDelaysNoOther() throws Exception {
        for (int i = 0; i < LiveFeed.MOST_OF_A_LINK; i++) {
            feed.subscribe(
                    "links",
                    "slow link",
                    new Question.Asked(SLOW, List.of(Integer.toString(i))),
                    new Viewer().reading());
        }
        assertThatThrownBy(
                        () ->
                                feed.subscribe(
                                        "links",
                                        "slow link",
                                        question("q"),
                                        new Viewer().reading()))
                .isInstanceOf(Refused.class);
        Viewer other = new Viewer();
        feed.subscribe("links", "other link", question("q"), other.reading());

        assertThat(number(other.next())).isOne();
        assertThat(number(other.next())).isEqualTo(2);
    }
}
