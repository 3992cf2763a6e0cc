package io.onevault.tracking.collector;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
 * while for all of them, and not at all while nobody looks. Each link, and the keys of each tenant,
 * have a round of their own, in which their questions are asked one after the other, so that none
 * waits for another's.
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

    /** So that others find one of these. */
    static final int MOST_OF_A_LINK = 50;

    private static final String CODE = "TOO_MANY_READERS";
    private static final int RETRY_SECONDS = 10;

    private static final byte[] UNKNOWN = bytes(": the vault can't be asked now\n\n");

    private final Asking database;
    private final Turns turns;
    private final ScheduledExecutorService clock;
    private final Duration patience;
    private final Map<String, Round> rounds = new HashMap<>();
    private boolean isClosed;

    /**
     * What is asked one after the other.
     *
     * @param party whose turns it takes
     * @param fresh topics that were not asked yet; the first one is being asked
     */
    private record Round(String party, Map<Question.Asked, Topic> topics, Deque<Topic> fresh) {

        private int size() {
            return topics.values().stream().mapToInt(Topic::size).sum();
        }
    }

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
     * @param party whose turns it takes to ask
     * @param name of the round, which is the party's
     * @throws Refused when too many look
     */
    void subscribe(String party, String name, Question.Asked asked, Subscriber subscriber) {
        Round round = add(party, name, asked, subscriber);
        if (round != null) {
            askFresh(round);
        }
    }

    /** The round, if what is new in it is to be asked. */
    private synchronized @Nullable Round add(
            String party, String name, Question.Asked asked, Subscriber subscriber) {
        requirePlace(party, name);
        Round round = rounds.get(name);
        if (round == null) {
            round = new Round(party, new HashMap<>(), new ArrayDeque<>());
            rounds.put(name, round);
            rest(name, REST_MILLIS);
        }
        Topic known = round.topics().get(asked);
        Topic topic = known == null ? new Topic(asked, patience) : known;
        round.topics().put(asked, topic);
        topic.add(subscriber);
        if (known == null) {
            round.fresh().add(topic);
        }
        return known == null && round.fresh().size() == 1 ? round : null;
    }

    private void askFresh(Round round) {
        Topic topic = fresh(round, false);
        if (topic != null) {
            ask(
                    round.party(),
                    topic,
                    () -> {
                        if (fresh(round, true) != null) {
                            askFresh(round);
                        }
                    });
        }
    }

    private synchronized @Nullable Topic fresh(Round round, boolean isDone) {
        if (isDone) {
            round.fresh().remove();
        }
        return round.fresh().peek();
    }

    private void requirePlace(String party, String name) {
        if (isClosed) {
            throw Refused.unread(503);
        }
        int ofRound = rounds.containsKey(name) ? rounds.get(name).size() : 0;
        boolean isLink = !name.equals(party);
        if (size(party) >= MOST_OF_A_PARTY || isLink && ofRound >= MOST_OF_A_LINK) {
            throw Refused.tooMany(CODE, RETRY_SECONDS, "As many look already as may at once.");
        }
        if (rounds.values().stream().mapToInt(Round::size).sum() >= MOST_SUBSCRIBERS) {
            throw Refused.later(CODE, "Too many look at live figures now.");
        }
    }

    private int size(String party) {
        return rounds.values().stream()
                .filter(round -> round.party().equals(party))
                .mapToInt(Round::size)
                .sum();
    }

    private synchronized void rest(String name, long millis) {
        if (!isClosed) {
            clock.schedule(() -> begin(name), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void begin(String name) {
        Round round = watched(name);
        if (round != null) {
            askNext(name, round.party(), topics(round).iterator(), System.nanoTime());
        }
    }

    /** All that were asked before. */
    private synchronized List<Topic> topics(Round round) {
        List<Topic> topics = new ArrayList<>(round.topics().values());
        topics.removeAll(round.fresh());
        return topics;
    }

    /** The round, with the topics that somebody looks at; one that has none is forgotten. */
    private synchronized @Nullable Round watched(String name) {
        Round round = rounds.get(name);
        if (round == null) {
            return null;
        }
        round.topics().values().removeIf(topic -> topic.size() == 0);
        if (round.topics().isEmpty()) {
            rounds.remove(name);
            return null;
        }
        return round;
    }

    private void askNext(String name, String party, Iterator<Topic> topics, long began) {
        if (topics.hasNext()) {
            ask(party, topics.next(), () -> askNext(name, party, topics, began));
        } else {
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            rest(name, Math.min(LONGEST_REST_MILLIS, Math.max(REST_MILLIS, REST_FACTOR * took)));
        }
    }

    private void ask(String party, Topic topic, Runnable then) {
        turns.take(
                party,
                () -> {
                    tell(topic);
                    then.run();
                },
                refused -> {
                    push(topic, UNKNOWN);
                    then.run();
                });
    }

    private void tell(Topic topic) {
        try {
            String answer = database.ask(topic.asked());
            int status = Vault.status(answer);
            if (status == 200) {
                push(topic, bytes("data: " + answer + "\n\n"));
            } else {
                topic.refuse(new Refusal(status, answer));
            }
        } catch (SQLException e) {
            LOG.debug("Live figures can't be read", e);
            Refused lasting = Vault.lasting(e);
            if (lasting == null) {
                push(topic, UNKNOWN);
            } else {
                topic.refuse(Refusal.of(lasting));
            }
        } catch (Throwable e) {
            // Or else this was the last round.
            LOG.error("Live figures can't be told", e);
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
        rounds.values().forEach(round -> round.topics().values().forEach(Topic::end));
        rounds.clear();
    }
}
