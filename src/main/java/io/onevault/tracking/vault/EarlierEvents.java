package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Finds the events of a micro-batch that the database had before. Not thread-safe. */
final class EarlierEvents {

    private static final Table WRITTEN =
            Table.query(
                    List.of(instant("event_timestamp"), bytea("event_hk")),
                    "SELECT number, transaction FROM business.site_events_written_before(?, ?, ?)");

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
    void find(Connection connection, Layers layers, List<EnrichedEvent> batch) throws SQLException {
        long counted = run.counted();
        if (counted == 0) {
            return;
        }
        Rows rows = new Rows(WRITTEN);
        for (EnrichedEvent enriched : batch) {
            AdmittedEvent event = enriched.admitted();
            rows.add(event.occurredAt(), keys.hub(event.tenantHk(), event.eventBk()));
        }
        rows.ask(
                connection,
                layers,
                (place, transaction) -> {
                    EnrichedEvent event = batch.get(place);
                    boolean forgotten = transaction < run.beginning();
                    found.put(event, new Repeated(event.repeated(), forgotten));
                },
                counted);
    }
}
