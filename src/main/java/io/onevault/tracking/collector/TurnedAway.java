package io.onevault.tracking.collector;

import java.sql.SQLException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the events that were too many at once, by tenant and day, and adds them to what stands
 * beside the ledger once in a while. What a killed collector had not added is not counted.
 */
final class TurnedAway {

    private static final Logger LOG = LoggerFactory.getLogger(TurnedAway.class);

    private final Totals totals;
    private final InstantSource clock;
    private Map<Day, Long> counts = new HashMap<>();

    /** Where they are added. */
    interface Totals {
        void add(Map<Day, Long> counts) throws SQLException;
    }

    /** A tenant's day in UTC. */
    record Day(String tenantBk, LocalDate date) {}

    TurnedAway(Totals totals, InstantSource clock) {
        this.totals = totals;
        this.clock = clock;
    }

    synchronized void count(String tenantBk, long events) {
        add(new Day(tenantBk, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)), events);
    }

    private void add(Day day, long events) {
        counts.merge(day, events, Long::sum);
    }

    private synchronized Map<Day, Long> take() {
        Map<Day, Long> taken = counts;
        counts = new HashMap<>();
        return taken;
    }

    private synchronized void putBack(Map<Day, Long> taken) {
        taken.forEach(this::add);
    }

    /** Adds what was counted since the last time; what can't be added waits for the next one. */
    void write() {
        Map<Day, Long> taken = take();
        if (taken.isEmpty()) {
            return;
        }
        try {
            totals.add(taken);
        } catch (SQLException e) {
            LOG.debug("What was turned away can't be counted now", e);
            putBack(taken);
        }
    }
}
