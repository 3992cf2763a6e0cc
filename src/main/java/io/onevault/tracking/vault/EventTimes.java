package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Lets an event occur once, whatever its deliveries tell: where its time depends on them, the first
 * one decides. The database keeps that, in a transaction of its own before the events are written,
 * and for ever: a failure, a loss of state or of what the archive remembers changes nothing of it.
 * Not thread-safe.
 */
final class EventTimes {

    private static final String KEEP =
            "SELECT number, at_micros FROM raw.site_tracking_keep_event_times(?, ?, ?, ?)";

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();

    /**
     * The events of a micro-batch at the times that hold for them.
     *
     * @param connection in auto-commit mode
     */
    List<EnrichedEvent> keep(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        List<EnrichedEvent> kept = batch;
        try (PreparedStatement keep = prepare(connection, batch);
                ResultSet row = keep.executeQuery()) {
            while (row.next()) {
                if (kept == batch) {
                    kept = new ArrayList<>(batch);
                }
                int place = row.getInt(1) - 1;
                Instant time = Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS);
                kept.set(place, batch.get(place).at(time));
            }
        }
        return kept;
    }

    private PreparedStatement prepare(Connection connection, List<EnrichedEvent> batch)
            throws SQLException {
        int size = batch.size();
        byte[][] tenantHks = new byte[size][];
        byte[][] eventHks = new byte[size][];
        Long[] keyMicros = new Long[size];
        Long[] micros = new Long[size];
        for (int i = 0; i < size; i++) {
            AdmittedEvent event = batch.get(i).admitted();
            tenantHks[i] = HEX.parseHex(event.tenantHk());
            eventHks[i] = keys.hub(event.tenantHk(), event.eventBk());
            keyMicros[i] = PgType.micros(event.keyedAt());
            micros[i] = PgType.micros(event.occurredAt());
        }
        PreparedStatement keep = connection.prepareStatement(KEEP);
        keep.setArray(1, connection.createArrayOf("bytea", tenantHks));
        keep.setArray(2, connection.createArrayOf("bytea", eventHks));
        keep.setArray(3, connection.createArrayOf("int8", keyMicros));
        keep.setArray(4, connection.createArrayOf("int8", micros));
        return keep;
    }
}
