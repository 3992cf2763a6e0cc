package io.onevault.tracking.bench.feed;

import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Measures how long it takes until an event and its session are visible: from the time at which the
 * broker appended its record, which the event hub holds as load date, to the moment at which
 * another connection finds it there, and linked to a session. A sample of the events is looked for
 * every 20 ms, so that a figure is too large by up to that and the time of the query.
 */
public final class Freshness implements Runnable {

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final String EVENT_ID = "\"event_id\":\"";
    private static final String PRIMARY_KEY_ONLY =
            "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off";
    private static final String VISIBLE =
            """
            SELECT
                p.event_id,
                (extract(epoch FROM h.load_date) * 1000)::bigint,
                EXISTS (
                    SELECT FROM business.event_session_l AS l
                    WHERE l.event_timestamp = h.event_timestamp AND l.event_hk = h.event_hk
                )
            FROM unnest(?::int8[], ?::text[]) AS p (millis, event_id)
            JOIN business.site_event_h AS h
                ON h.event_timestamp = timestamptz 'epoch' + p.millis * interval '1 millisecond'
                AND starts_with(h.event_bk, 'evt_' || p.event_id || '.')
            """;

    // -- configuration
    private final Connection connection;
    private final long fromNanos;

    // -- runtime
    private final Queue<Probe> sent = new ConcurrentLinkedQueue<>();
    private final Map<String, Probe> awaited = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<Double> millis = new ArrayList<>();
    private final List<Double> sessionMillis = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);

    /** An event to look for, by its time, with which the primary key begins, and its id. */
    private record Probe(long eventTimeMillis, String eventId) {}

    /**
     * @param connection for this alone
     * @param warmUp how long from now on events are left out
     */
    public Freshness(Connection connection, Duration warmUp) {
        this.connection = connection;
        this.fromNanos = System.nanoTime() + warmUp.toNanos();
    }

    /** Looks for a valid event that has just been sent. By the sending thread only. */
    void watch(GeneratedEvent event) {
        if (System.nanoTime() < fromNanos) {
            return;
        }
        String json = new String(event.value(), StandardCharsets.UTF_8);
        int id = json.indexOf(EVENT_ID) + EVENT_ID.length();
        String eventId = json.substring(id, json.indexOf('"', id));
        sent.add(new Probe(event.eventTimeMillis(), eventId));
    }

    @Override
    public void run() {
        try (Statement settings = connection.createStatement();
                PreparedStatement query = connection.prepareStatement(VISIBLE)) {
            settings.execute(PRIMARY_KEY_ONLY);
            while (!stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                look(query);
            }
            look(query);
        } catch (SQLException e) {
            throw new IllegalStateException("Freshness cannot be measured", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(PreparedStatement query) throws SQLException {
        for (Probe probe = sent.poll(); probe != null; probe = sent.poll()) {
            awaited.put(probe.eventId(), probe);
        }
        if (awaited.isEmpty()) {
            return;
        }
        bind(query);
        try (ResultSet rows = query.executeQuery()) {
            long now = System.currentTimeMillis();
            while (rows.next()) {
                note(rows.getString(1), now - rows.getLong(2), rows.getBoolean(3));
            }
        }
    }

    private void note(String eventId, double age, boolean inSession) {
        if (seen.add(eventId)) {
            millis.add(age);
        }
        if (inSession) {
            sessionMillis.add(age);
            awaited.remove(eventId);
            seen.remove(eventId);
        }
    }

    private void bind(PreparedStatement query) throws SQLException {
        Long[] times = new Long[awaited.size()];
        String[] ids = new String[awaited.size()];
        int i = 0;
        for (Probe probe : awaited.values()) {
            times[i] = probe.eventTimeMillis();
            ids[i++] = probe.eventId();
        }
        Array timeArray = connection.createArrayOf("int8", times);
        Array idArray = connection.createArrayOf("text", ids);
        query.setArray(1, timeArray);
        query.setArray(2, idArray);
    }

    /** Ends the looking, after a last look. */
    public void stop() {
        stop.countDown();
    }

    /** All figures in milliseconds; only once the looking has ended. */
    public double[] millis() {
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Until its session was visible, of those events whose session was seen in time. */
    public double[] sessionMillis() {
        return sessionMillis.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** How many events were never found; only once the looking has ended. */
    public int missing() {
        return awaited.size() - seen.size() + sent.size();
    }
}
