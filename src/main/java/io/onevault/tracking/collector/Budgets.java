package io.onevault.tracking.collector;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.time.InstantSource;

/**
 * How many events each of many senders may send: so many a second, and after a pause so many at
 * once. A sender that was silent for long is forgotten, also where nobody else comes, as it may be
 * somebody's address; its budget would be full again anyway.
 */
final class Budgets {

    private static final int MOST_SENDERS = 200_000;
    private static final double MILLIS = 1_000.0;

    private final double perMilli;
    private final int burst;
    private final InstantSource clock;
    private final LoadingCache<String, Budget> budgets;

    /** What is left of a sender's budget. */
    private final class Budget {

        private double left = burst;
        private long countedAt = clock.millis();

        synchronized int take(int events, int paid) {
            int seconds = secondsUntil(events, paid);
            if (seconds > 0) {
                return -seconds;
            }
            left -= events;
            return (int) Math.max(0, left);
        }

        synchronized int secondsUntil(int events, int paid) {
            long now = clock.millis();
            left = Math.min(burst, left + Math.max(0, now - countedAt) * perMilli);
            countedAt = now;
            // A full budget lets any request pass, or one larger than the burst never could.
            int needed = Math.min(events, burst - paid);
            return left >= needed ? 0 : Math.max(1, secondsFor(needed - left));
        }
    }

    Budgets(int perSecond, int burst, InstantSource clock) {
        this.perMilli = perSecond / MILLIS;
        this.burst = burst;
        this.clock = clock;
        this.budgets =
                Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .maximumSize(MOST_SENDERS)
                        .expireAfterAccess(Duration.ofSeconds(2L * burst / perSecond + 1))
                        .scheduler(Scheduler.systemScheduler())
                        .build(sender -> new Budget());
    }

    /**
     * Takes events from a sender's budget.
     *
     * @return what is left, or, when they were not taken, the seconds to wait, negative
     */
    int take(String sender, int events) {
        return take(sender, events, 0);
    }

    /**
     * Takes further events of a request from a sender's budget.
     *
     * @param paid what was taken for the request before
     */
    int take(String sender, int events, int paid) {
        return budgets.get(sender).take(events, paid);
    }

    /** The seconds to wait until an event may be taken; 0 when it may be now. */
    int secondsUntil(String sender) {
        return budgets.get(sender).secondsUntil(1, 0);
    }

    /** The seconds until a budget is full, of which so much is left. */
    int secondsUntilFull(int left) {
        return secondsFor(burst - left);
    }

    private int secondsFor(double events) {
        return (int) Math.ceil(events / perMilli / MILLIS);
    }

    /** How many senders are in memory. */
    long remembered() {
        return budgets.estimatedSize();
    }

    int burst() {
        return burst;
    }
}
