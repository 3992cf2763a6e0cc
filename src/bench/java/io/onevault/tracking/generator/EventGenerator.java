package io.onevault.tracking.generator;

import java.time.Instant;

/**
 * An endless stream of tracker records for benchmarks and tests, in order of reception. The same
 * mix and seed give the same bytes. Not for use by several threads.
 */
public final class EventGenerator {

    /** Duplicates repeat one of so many latest events. */
    private static final int RECENT = 512;

    /** Milliseconds between event and sending, except for events out of order. */
    private static final int QUEUE_MILLIS = 40;

    private static final int MOST_SECONDS_LATE = 20;

    private final Mix mix;
    private final SeededRandom random;
    private final OpenSessions sessions;
    private final RecordWriter writer;
    private final GeneratedEvent[] recent = new GeneratedEvent[RECENT];
    private long received;
    private long valid;
    private long duplicates;
    private long bad;

    public EventGenerator(Mix mix, long seed) {
        this.mix = mix;
        random = new SeededRandom(seed);
        sessions = new OpenSessions(mix.visits(), mix.pace().openSessions());
        writer = new RecordWriter(mix, sessions, random, seed);
    }

    /** The next record. Never ends. */
    public GeneratedEvent next() {
        long receivedAt = mix.pace().receivedAt(received++);
        Faults faults = mix.faults();
        double draw = random.unit();
        if (draw < faults.bad()) {
            return writer.badEvent((int) (bad++ % RecordWriter.BAD_KINDS), receivedAt);
        }
        if (draw < faults.bad() + faults.duplicates() && valid > 0) {
            duplicates++;
            return recent[random.below((int) Math.min(valid, RECENT))];
        }
        int slot = random.below(sessions.open());
        GeneratedEvent event = writer.event(slot, receivedAt, queueMillis(faults));
        sessions.countEvent(slot, random);
        recent[(int) (valid++ % RECENT)] = event;
        return event;
    }

    /** How many records so far repeated an earlier one byte by byte. */
    public long duplicates() {
        return duplicates;
    }

    /** How many records so far break the contract. */
    public long bad() {
        return bad;
    }

    /** How many sessions have been started so far. */
    public long sessions() {
        return sessions.started();
    }

    /** Name of a tenant by its number, from 0. */
    public static String tenant(int number) {
        return "tenant-" + (number + 1);
    }

    private int queueMillis(Faults faults) {
        return random.chance(faults.outOfOrder())
                ? 1_000 + random.below(1_000 * (MOST_SECONDS_LATE - 1))
                : QUEUE_MILLIS;
    }

    /**
     * A Kafka record.
     *
     * @param key {@code tenant|session}
     * @param eventTimeMillis event time by the contract's rule; reception time for a bad record
     */
    public record GeneratedEvent(byte[] key, byte[] value, long eventTimeMillis) {}

    /** What the stream is made of. */
    public record Mix(Visits visits, Catalogue catalogue, Faults faults, Pace pace) {

        /** Three tenants, 10 events a session, 3 sessions a visitor, 1,000 events a second. */
        public static Mix standard() {
            return new Mix(
                    new Visits(10, 3, 0.3),
                    new Catalogue(3, 2_000, 5_000, 200),
                    new Faults(0.01, 0.01, 0.001),
                    new Pace(Instant.parse("2026-11-20T06:00:00Z"), 1_000, 10_000));
        }

        public Mix withTenants(int tenants) {
            Catalogue changed =
                    new Catalogue(
                            tenants, catalogue.pages(), catalogue.items(), catalogue.userAgents());
            return new Mix(visits, changed, faults, pace);
        }

        public Mix withFaults(Faults changed) {
            return new Mix(visits, catalogue, changed, pace);
        }

        public Mix withPace(Pace changed) {
            return new Mix(visits, catalogue, faults, changed);
        }
    }

    /**
     * How visitors behave.
     *
     * @param eventsPerSession mean of a geometric distribution
     * @param itemShare share of events with items
     */
    public record Visits(double eventsPerSession, int sessionsPerVisitor, double itemShare) {}

    /** How many different things there are; pages and items are drawn by Zipf's law. */
    public record Catalogue(int tenants, int pages, int items, int userAgents) {}

    /** Shares of all records; events out of order come 1 to 20 s late. */
    public record Faults(double duplicates, double outOfOrder, double bad) {

        public static final Faults NONE = new Faults(0, 0, 0);
    }

    /**
     * How event time moves. A session's events lie {@code openSessions / eventsPerSecond} seconds
     * apart on average; keep that far below the session gap.
     *
     * @param eventsPerSecond records per second of event time, not of the wall clock
     */
    public record Pace(Instant start, int eventsPerSecond, int openSessions) {

        long receivedAt(long record) {
            return start.toEpochMilli() + record * 1_000 / eventsPerSecond;
        }
    }
}
