package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Lets an event occur once, whatever its deliveries tell: where its time depends on them, the first
 * one decides. The database keeps that, in a transaction of its own before the events are written,
 * and for ever: a failure, a loss of state or of what the archive remembers changes nothing of it,
 * nor does a reprocess, which asks the same table. Not thread-safe.
 */
final class EventTimes {

    private static final Table KEEP =
            Table.query(
                    List.of(
                            bytea("tenant_hk"),
                            bytea("event_hk"),
                            instant("keyed_at"),
                            instant("occurred_at")),
                    "SELECT number, at_micros FROM raw.site_tracking_keep_event_times(?, ?, ?, ?)");

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();

    /**
     * The events of a micro-batch at the times that hold for them.
     *
     * @param connection in auto-commit mode
     */
    List<EnrichedEvent> keep(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        Rows times = new Rows(KEEP);
        for (EnrichedEvent enriched : batch) {
            AdmittedEvent event = enriched.admitted();
            times.add(
                    HEX.parseHex(event.tenantHk()),
                    keys.hub(event.tenantHk(), event.eventBk()),
                    event.keyedAt(),
                    event.occurredAt());
        }
        List<EnrichedEvent> kept = new ArrayList<>(batch);
        times.ask(
                connection,
                Layers.PRODUCTION,
                (place, micros) -> {
                    Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
                    kept.set(place, batch.get(place).at(time));
                });
        return kept;
    }
}
