package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Finds the events of a micro-batch that the database had before. Not thread-safe. */
final class EarlierEvents {

    private static final String WRITTEN =
            "SELECT number, transaction FROM business.site_events_written_before(?, ?, ?)";

    private static final String MOVED =
            "SELECT number, at_micros FROM business.site_events_at_other_times(?, ?, ?)";

    /** By how much the broker's clock may be ahead of this machine's. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    private final HashKeys keys = new HashKeys();
    private final RunMarks run;
    private Map<EnrichedEvent, Repeated> found = new IdentityHashMap<>();

    EarlierEvents(RunMarks run) {
        this.run = run;
    }

    /** What was found since the last call. */
    Map<EnrichedEvent, Repeated> take() {
        Map<EnrichedEvent, Repeated> taken = found;
        found = new IdentityHashMap<>();
        return taken;
    }

    /**
     * Finds the events whose rows this transaction met and that are counted already. To be called
     * in the transaction that wrote them.
     */
    void find(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        long counted = run.counted();
        if (counted == 0) {
            return;
        }
        try (PreparedStatement written = prepare(connection, WRITTEN, batch, counted);
                ResultSet row = written.executeQuery()) {
            while (row.next()) {
                EnrichedEvent event = batch.get(row.getInt(1) - 1);
                boolean forgotten = row.getLong(2) < run.beginning();
                Instant occurredAt = event.admitted().occurredAt();
                found.put(event, new Repeated(event.repeated(occurredAt), forgotten));
            }
        }
    }

    /**
     * The events that are not in the database at another time. When an event occurred may depend on
     * its delivery; of several deliveries a run without state may read another one first.
     */
    List<EnrichedEvent> unmoved(Connection connection, List<EnrichedEvent> batch)
            throws SQLException {
        run.mark(connection);
        List<EnrichedEvent> doubtful = doubtful(batch);
        if (doubtful.isEmpty()) {
            return batch;
        }
        Map<EnrichedEvent, Repeated> moved = new IdentityHashMap<>();
        try (PreparedStatement at = prepare(connection, MOVED, doubtful, run.beginning());
                ResultSet row = at.executeQuery()) {
            while (row.next()) {
                EnrichedEvent event = doubtful.get(row.getInt(1) - 1);
                Instant occurredAt = Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS);
                moved.put(event, new Repeated(event.repeated(occurredAt), true));
            }
        }
        if (moved.isEmpty()) {
            return batch;
        }
        found.putAll(moved);
        List<EnrichedEvent> unmoved = new ArrayList<>(batch);
        unmoved.removeIf(moved::containsKey);
        return unmoved;
    }

    private List<EnrichedEvent> doubtful(List<EnrichedEvent> batch) {
        List<EnrichedEvent> doubtful = new ArrayList<>();
        if (run.beginning() == 0) {
            return doubtful;
        }
        Instant replayedBefore = run.beganAt().plus(CLOCK_SKEW);
        for (EnrichedEvent event : batch) {
            AdmittedEvent admitted = event.admitted();
            if (admitted.position().appendedAt().isBefore(replayedBefore)
                    && !admitted.occurredAtItsTimestamp()) {
                doubtful.add(event);
            }
        }
        return doubtful;
    }

    private PreparedStatement prepare(
            Connection connection, String query, List<EnrichedEvent> events, long before)
            throws SQLException {
        Long[] micros = new Long[events.size()];
        byte[][] hks = new byte[micros.length][];
        for (int i = 0; i < hks.length; i++) {
            AdmittedEvent event = events.get(i).admitted();
            micros[i] = PgType.micros(event.occurredAt());
            hks[i] = keys.hub(event.tenantHk(), event.eventBk());
        }
        PreparedStatement statement = connection.prepareStatement(query);
        statement.setArray(1, connection.createArrayOf("int8", micros));
        statement.setArray(2, connection.createArrayOf("bytea", hks));
        statement.setLong(3, before);
        return statement;
    }
}
