package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has what asks the database done when it is its turn, on threads that do nothing else. A party may
 * have as many turns at once as places are free: alone half of them, and the fewer the more others
 * ask, so that there is one for whoever comes next. The rest waits, for a while and not too much of
 * it; parties that wait are served one after the other.
 *
 * <p>Jetty's QoSHandler knows no parties, and holds a place until the last byte was read.
 */
final class Turns implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(5);
    static final int MOST_WAITING = 100;

    private static final String CODE = "TOO_MANY_QUESTIONS";

    private final int places;
    private final Duration patience;
    private final ScheduledExecutorService clock;
    private final ExecutorService threads;

    /** Who has turns or waits for one; who had the last one comes last. */
    private final Map<String, Party> parties = new LinkedHashMap<>();

    private int taken;

    /** What is to be done, or who is told that it is not. */
    private record Turn(Runnable work, Consumer<Refused> refused) {}

    /** Those who share turns. */
    private static final class Party {

        private final Deque<Turn> waiting = new ArrayDeque<>();
        private int taken;
    }

    /**
     * @param places turns at once
     * @param patience how long one is waited for
     * @param clock tells that it took too long; closed by who made it
     */
    Turns(int places, Duration patience, ScheduledExecutorService clock) {
        this.places = places;
        this.patience = patience;
        this.clock = clock;
        threads =
                Executors.newFixedThreadPool(
                        places,
                        work -> {
                            Thread thread = new Thread(work, "question");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Waits for a turn.
     *
     * @param refused is told when there is none in time, or too much of the party waits already
     */
    void take(String party, Runnable work, Consumer<Refused> refused) {
        if (!enqueue(party, new Turn(work, refused))) {
            refused.accept(
                    Refused.tooMany(
                            CODE,
                            (int) PATIENCE.toSeconds(),
                            "More questions than may wait; ask again later."));
        }
    }

    private synchronized boolean enqueue(String name, Turn turn) {
        Party party = parties.computeIfAbsent(name, absent -> new Party());
        if (party.waiting.size() >= MOST_WAITING || threads.isShutdown()) {
            return false;
        }
        party.waiting.add(turn);
        giveTurns();
        if (party.waiting.peekLast() == turn) {
            clock.schedule(() -> expire(name, turn), patience.toMillis(), TimeUnit.MILLISECONDS);
        }
        return true;
    }

    private void giveTurns() {
        String next = next();
        while (next != null) {
            // To the end.
            Party party = parties.remove(next);
            parties.put(next, party);
            give(next, party);
            next = next();
        }
    }

    private @Nullable String next() {
        for (Map.Entry<String, Party> party : parties.entrySet()) {
            if (!party.getValue().waiting.isEmpty() && party.getValue().taken < places - taken) {
                return party.getKey();
            }
        }
        return null;
    }

    private void give(String name, Party party) {
        Turn turn = party.waiting.remove();
        party.taken++;
        taken++;
        threads.execute(
                () -> {
                    try {
                        turn.work().run();
                    } finally {
                        giveBack(name, party);
                    }
                });
    }

    private synchronized void giveBack(String name, Party party) {
        party.taken--;
        taken--;
        forgetIdle(name, party);
        giveTurns();
    }

    private void forgetIdle(String name, Party party) {
        if (party.taken == 0 && party.waiting.isEmpty()) {
            parties.remove(name);
        }
    }

    private void expire(String name, Turn turn) {
        if (withdraw(name, turn)) {
            turn.refused().accept(Refused.later(CODE, "Too many ask now; ask again later."));
        }
    }

    /** Whether it still waited. */
    private synchronized boolean withdraw(String name, Turn turn) {
        Party party = parties.get(name);
        if (party == null || !party.waiting.remove(turn)) {
            return false;
        }
        forgetIdle(name, party);
        return true;
    }

    @Override
    public synchronized void close() {
        parties.values().forEach(party -> party.waiting.clear());
        threads.shutdownNow();
    }
}
