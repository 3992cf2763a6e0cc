package io.onevault.tracking.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes the same question's answer to all who look at it, as server-sent events. It is asked once
 * in a while for all of them, and not at all while nobody looks.
 */
final class LiveFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
    private static final long EVERY_MILLIS = 1_500;
    private static final int MOST_SUBSCRIBERS = 1_000;

    private final Database database;
    private final Map<Topic, List<Subscriber>> topics = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    work -> {
                        Thread thread = new Thread(work, "live-feed");
                        thread.setDaemon(true);
                        return thread;
                    });

    /** One question for one tenant. */
    private record Topic(String call, List<@Nullable String> arguments) {}

    /** An open answer; what comes while the one before is on its way is left out. */
    private record Subscriber(Response response, Callback callback, AtomicBoolean isBusy) {}

    LiveFeed(Database database) {
        this.database = database;
        clock.scheduleWithFixedDelay(
                this::pushAll, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins an answer that goes on until the reader leaves.
     *
     * @throws Refused when too many look
     */
    void subscribe(
            String call, List<@Nullable String> arguments, Response response, Callback callback) {
        if (topics.values().stream().mapToInt(List::size).sum() >= MOST_SUBSCRIBERS) {
            throw Refused.later("TOO_MANY_READERS", "Too many look at live figures now.");
        }
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no");
        Topic topic = new Topic(call, new ArrayList<>(arguments));
        Subscriber subscriber = new Subscriber(response, callback, new AtomicBoolean());
        topics.compute(
                topic,
                (same, readers) -> {
                    List<Subscriber> all = readers == null ? new CopyOnWriteArrayList<>() : readers;
                    all.add(subscriber);
                    return all;
                });
        clock.execute(() -> push(topic, List.of(subscriber)));
    }

    private void pushAll() {
        for (Topic topic : topics.keySet()) {
            topics.computeIfPresent(topic, (same, readers) -> readers.isEmpty() ? null : readers);
        }
        topics.forEach(this::push);
    }

    private void push(Topic topic, List<Subscriber> subscribers) {
        String event;
        try {
            event = "data: " + database.ask(topic.call(), topic.arguments()) + "\n\n";
        } catch (SQLException e) {
            LOG.debug("Live figures can't be read", e);
            event = ": the vault can't be asked now\n\n";
        }
        byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
        for (Subscriber subscriber : subscribers) {
            if (subscriber.isBusy().compareAndSet(false, true)) {
                subscriber.response().write(false, ByteBuffer.wrap(bytes), sent(topic, subscriber));
            }
        }
    }

    private Callback sent(Topic topic, Subscriber subscriber) {
        return Callback.from(
                () -> subscriber.isBusy().set(false),
                failure -> {
                    topics.getOrDefault(topic, List.of()).remove(subscriber);
                    subscriber.callback().failed(failure);
                });
    }

    @Override
    public void close() {
        clock.shutdownNow();
        topics.values()
                .forEach(all -> all.forEach(subscriber -> subscriber.callback().succeeded()));
        topics.clear();
    }
}
