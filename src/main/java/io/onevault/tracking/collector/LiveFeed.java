package io.onevault.tracking.collector;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes a question's answers to all who look at it, as server-sent events. It is asked once in a
 * while for all of them, and not at all while nobody looks. Each party has a round of its own, in
 * which its questions are asked one after the other, so that none waits for another's.
 */
final class LiveFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);

    /** Between two rounds. */
    private static final long REST_MILLIS = 400;

    /** So much longer than a round took is the rest after it: a fifth of one turn at most. */
    private static final int REST_FACTOR = 4;

    /** And not longer, for a database that was away. */
    private static final long LONGEST_REST_MILLIS = 10_000;

    static final int MOST_SUBSCRIBERS = 1_000;

    /** So that others find a place. */
    static final int MOST_OF_A_PARTY = 100;

    private static final String CODE = "TOO_MANY_READERS";
    private static final int RETRY_SECONDS = 10;

    private static final byte[] UNKNOWN = bytes(": the vault can't be asked now\n\n");

    private final Asking database;
    private final Turns turns;
    private final ScheduledExecutorService clock;
    private final Duration patience;
    private final Map<String, Map<Question.Asked, Topic>> parties = new HashMap<>();
    private boolean isClosed;

    /** Where the questions are asked. */
    interface Asking {
        String ask(Question.Asked question) throws SQLException;
    }

    /**
     * @param clock begins the rounds; closed by who made it
     * @param patience how long an event may be on its way to who looks
     */
    LiveFeed(Asking database, Turns turns, ScheduledExecutorService clock, Duration patience) {
        this.database = database;
        this.turns = turns;
        this.clock = clock;
        this.patience = patience;
    }

    /**
     * Begins an answer that goes on until the reader leaves, or may read no more.
     *
     * @throws Refused when too many look
     */
    void subscribe(String party, Question.Asked asked, Subscriber subscriber) {
        Topic added = add(party, asked, subscriber);
        if (added != null) {
            ask(party, added, () -> {});
        }
    }

    /** The topic, if it is new. */
    private synchronized @Nullable Topic add(
            String party, Question.Asked asked, Subscriber subscriber) {
        requirePlace(party);
        Map<Question.Asked, Topic> topics = parties.get(party);
        if (topics == null) {
            topics = new HashMap<>();
            parties.put(party, topics);
            rest(party, REST_MILLIS);
        }
        Topic known = topics.get(asked);
        Topic topic = known == null ? new Topic(asked, patience) : known;
        topics.put(asked, topic);
        topic.add(subscriber);
        return known == null ? topic : null;
    }

    private void requirePlace(String party) {
        if (isClosed) {
            throw Refused.unread(503);
        }
        if (size(parties.getOrDefault(party, Map.of())) >= MOST_OF_A_PARTY) {
            throw Refused.tooMany(CODE, RETRY_SECONDS, "As many look already as may at once.");
        }
        if (parties.values().stream().mapToInt(LiveFeed::size).sum() >= MOST_SUBSCRIBERS) {
            throw Refused.later(CODE, "Too many look at live figures now.");
        }
    }

    private static int size(Map<Question.Asked, Topic> topics) {
        return topics.values().stream().mapToInt(Topic::size).sum();
    }

    private synchronized void rest(String party, long millis) {
        if (!isClosed) {
            clock.schedule(() -> begin(party), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void begin(String party) {
        List<Topic> topics = watched(party);
        if (!topics.isEmpty()) {
            askNext(party, topics.iterator(), System.nanoTime());
        }
    }

    /** The topics that somebody looks at; a party that has none is forgotten. */
    private synchronized List<Topic> watched(String party) {
        Map<Question.Asked, Topic> topics = parties.get(party);
        if (topics == null) {
            return List.of();
        }
        topics.values().removeIf(topic -> topic.size() == 0);
        if (topics.isEmpty()) {
            parties.remove(party);
        }
        return List.copyOf(topics.values());
    }

    private void askNext(String party, Iterator<Topic> topics, long began) {
        if (topics.hasNext()) {
            ask(party, topics.next(), () -> askNext(party, topics, began));
        } else {
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            rest(party, Math.min(LONGEST_REST_MILLIS, Math.max(REST_MILLIS, REST_FACTOR * took)));
        }
    }

    private void ask(String party, Topic topic, Runnable then) {
        turns.take(
                party,
                () -> {
                    push(topic, answer(topic.asked()));
                    then.run();
                },
                refused -> {
                    push(topic, UNKNOWN);
                    then.run();
                });
    }

    private byte[] answer(Question.Asked asked) {
        try {
            return bytes("data: " + database.ask(asked) + "\n\n");
        } catch (SQLException e) {
            LOG.debug("Live figures can't be read", e);
            return UNKNOWN;
        }
    }

    private static void push(Topic topic, byte[] event) {
        try {
            topic.push(event);
        } catch (RuntimeException e) {
            // Or else this was the last round.
            LOG.error("Live figures can't be sent", e);
        }
    }

    private static byte[] bytes(String event) {
        return event.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        parties.values().forEach(topics -> topics.values().forEach(Topic::end));
        parties.clear();
    }
}
