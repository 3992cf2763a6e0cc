package io.onevault.tracking.bench.feed;

import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import io.onevault.tracking.local.Interrupts;
import io.onevault.tracking.local.StopRequestedException;
import io.onevault.tracking.local.TrackerProducer;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Sends generated records to the topic, all at once or at a rate. Not thread-safe. */
public final class EventFeed {

    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int PROBES_PER_SECOND = 50;

    private final EventGenerator generator;
    private final TrackerProducer producer;
    private final Interrupts interrupts;

    public EventFeed(EventGenerator generator, TrackerProducer producer, Interrupts interrupts) {
        this.generator = generator;
        this.producer = producer;
        this.interrupts = interrupts;
    }

    /** Sends so many records as fast as the broker takes them. */
    public void sendAll(int records) throws IOException {
        for (int i = 0; i < records; i++) {
            GeneratedEvent event = generator.next();
            producer.send(event.value(), event.key());
            throwIfStopped();
        }
        producer.flush();
    }

    /** Sends so many records at a steady rate; a record that is due already goes at once. */
    public void sendAtRate(int records, int rate, Freshness freshness) throws IOException {
        int probeEvery = Math.max(1, rate / PROBES_PER_SECOND);
        long start = System.nanoTime();
        for (int i = 0; i < records; i++) {
            long due = start + (long) (i * (double) SECOND_NANOS / rate);
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long excluded = generator.duplicates() + generator.bad();
            GeneratedEvent event = generator.next();
            producer.send(event.value(), event.key());
            boolean loaded = generator.duplicates() + generator.bad() == excluded;
            if (loaded && i % probeEvery == 0) {
                freshness.watch(event);
            }
            throwIfStopped();
        }
        producer.flush();
    }

    private void throwIfStopped() {
        if (interrupts.isAsked()) {
            throw new StopRequestedException();
        }
    }

    public long duplicates() {
        return generator.duplicates();
    }

    public long bad() {
        return generator.bad();
    }

    public long sessions() {
        return generator.sessions();
    }
}
