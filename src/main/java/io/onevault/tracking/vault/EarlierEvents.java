package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Finds the events of a micro-batch that the database had before. Not thread-safe. */
final class EarlierEvents {

    private static final String WRITTEN =
            "SELECT number, transaction FROM business.site_events_written_before(?, ?, ?)";

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
        try (PreparedStatement written = prepare(connection, batch, counted);
                ResultSet row = written.executeQuery()) {
            while (row.next()) {
                EnrichedEvent event = batch.get(row.getInt(1) - 1);
                boolean forgotten = row.getLong(2) < run.beginning();
                found.put(event, new Repeated(event.repeated(), forgotten));
            }
        }
    }

    private PreparedStatement prepare(
            Connection connection, List<EnrichedEvent> events, long before) throws SQLException {
        Long[] micros = new Long[events.size()];
        byte[][] hks = new byte[micros.length][];
        for (int i = 0; i < hks.length; i++) {
            AdmittedEvent event = events.get(i).admitted();
            micros[i] = PgType.micros(event.occurredAt());
            hks[i] = keys.hub(event.tenantHk(), event.eventBk());
        }
        PreparedStatement statement = connection.prepareStatement(WRITTEN);
        statement.setArray(1, connection.createArrayOf("int8", micros));
        statement.setArray(2, connection.createArrayOf("bytea", hks));
        statement.setLong(3, before);
        return statement;
    }
}
