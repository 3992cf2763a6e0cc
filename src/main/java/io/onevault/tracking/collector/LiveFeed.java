package io.onevault.tracking.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes the same question's answer to all who look at it, as server-sent events. It is asked once
 * in a while for all of them, and not at all while nobody looks.
 */
final class LiveFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);

    /** Between two times that the questions are asked. */
    private static final long REST_MILLIS = 400;

    /** So much longer than asking took is the rest after it: a fifth of one connection at most. */
    private static final int REST_FACTOR = 4;

    /** And not longer, for a database that was away. */
    private static final long LONGEST_REST_MILLIS = 10_000;

    private static final int MOST_SUBSCRIBERS = 1_000;

    private final Database database;
    private final Map<Question.Asked, List<Subscriber>> topics = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock;

    /** An open answer; what comes while the one before is on its way is left out. */
    private record Subscriber(
            Response response, Callback callback, BooleanSupplier mayRead, AtomicBoolean isBusy) {}

    /**
     * @param clock asks and pushes; closed by who made it
     */
    LiveFeed(Database database, ScheduledExecutorService clock) {
        this.database = database;
        this.clock = clock;
        clock.schedule(this::pushAll, REST_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins an answer that goes on until the reader leaves, or may read no more.
     *
     * @throws Refused when too many look
     */
    void subscribe(
            Question.Asked asked, BooleanSupplier mayRead, Response response, Callback callback) {
        if (topics.values().stream().mapToInt(List::size).sum() >= MOST_SUBSCRIBERS) {
            throw Refused.later("TOO_MANY_READERS", "Too many look at live figures now.");
        }
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no");
        Subscriber subscriber = new Subscriber(response, callback, mayRead, new AtomicBoolean());
        topics.compute(
                asked,
                (same, readers) -> {
                    List<Subscriber> all = readers == null ? new CopyOnWriteArrayList<>() : readers;
                    all.add(subscriber);
                    return all;
                });
        clock.execute(() -> push(asked, List.of(subscriber)));
    }

    private void pushAll() {
        long began = System.nanoTime();
        try {
            topics.forEach(this::push);
        } catch (RuntimeException e) {
            // Or else this was the last time for all of them.
            LOG.error("Live figures can't be sent", e);
        }
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        long rest = Math.max(REST_MILLIS, REST_FACTOR * took);
        clock.schedule(this::pushAll, Math.min(rest, LONGEST_REST_MILLIS), TimeUnit.MILLISECONDS);
    }

    private void push(Question.Asked topic, List<Subscriber> subscribers) {
        List<Subscriber> readers = new ArrayList<>();
        for (Subscriber subscriber : subscribers) {
            if (subscriber.mayRead().getAsBoolean()) {
                readers.add(subscriber);
            } else if (leave(topic, subscriber)) {
                subscriber.callback().succeeded();
            }
        }
        String event;
        try {
            event = "data: " + database.ask(topic) + "\n\n";
        } catch (SQLException e) {
            LOG.debug("Live figures can't be read", e);
            event = ": the vault can't be asked now\n\n";
        }
        byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
        for (Subscriber subscriber : readers) {
            if (subscriber.isBusy().compareAndSet(false, true)) {
                subscriber.response().write(false, ByteBuffer.wrap(bytes), sent(topic, subscriber));
            }
        }
    }

    /** Whether it was still there: an answer ends once. */
    private boolean leave(Question.Asked topic, Subscriber subscriber) {
        AtomicBoolean wasThere = new AtomicBoolean();
        topics.computeIfPresent(
                topic,
                (same, readers) -> {
                    wasThere.set(readers.remove(subscriber));
                    return readers.isEmpty() ? null : readers;
                });
        return wasThere.get();
    }

    private Callback sent(Question.Asked topic, Subscriber subscriber) {
        return Callback.from(
                () -> subscriber.isBusy().set(false),
                failure -> {
                    if (leave(topic, subscriber)) {
                        subscriber.callback().failed(failure);
                    }
                });
    }

    @Override
    public void close() {
        topics.values()
                .forEach(all -> all.forEach(subscriber -> subscriber.callback().succeeded()));
        topics.clear();
    }
}
