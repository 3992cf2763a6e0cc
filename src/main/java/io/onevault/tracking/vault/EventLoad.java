package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Rows.byHashKey;
import static io.onevault.tracking.vault.Rows.byValue;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads micro-batches of enriched events: raw, staging, and what of the vault follows from the
 * event alone. The versioned satellites are loaded by {@link DescriptionLoad}, sessions and their
 * links by {@link SessionLoad}.
 */
public final class EventLoad extends VaultLoad<EnrichedEvent> {

    private static final int EVENT_KEY = 1;

    /** Grain tables grow at their right edge: rows come in the order of the primary key. */
    private static final Comparator<@Nullable Object[]> GRAIN_ORDER =
            byValue(0).thenComparing(byHashKey(EVENT_KEY));

    private final EventRowMaker rowMaker;
    private final @Nullable RunMarks run;
    private final @Nullable EarlierEvents earlier;
    private EventRows.Known known = new EventRows.Known();

    /**
     * @param recordSource the vault's {@code record_source} of all rows
     */
    public EventLoad(String recordSource) {
        this(recordSource, null);
    }

    /**
     * @param run what tells which events the database had before; null: not to be told
     */
    public EventLoad(String recordSource, @Nullable RunMarks run) {
        this.rowMaker = new EventRowMaker(recordSource);
        this.run = run;
        this.earlier = run == null ? null : new EarlierEvents(run);
    }

    /** By event what was committed since the last call and was in the database before. */
    public Map<EnrichedEvent, Repeated> takeRepeated() {
        return earlier == null ? Map.of() : earlier.take();
    }

    @Override
    void connected(Connection connection) throws SQLException {
        known = new EventRows.Known();
        if (run != null) {
            run.connect(connection);
        }
    }

    @Override
    void ensurePartitions(PartitionDays days, Connection connection, EnrichedEvent event)
            throws SQLException {
        AdmittedEvent admitted = event.admitted();
        days.ensure(connection, admitted.occurredAt(), admitted.position().loadDate());
    }

    @Override
    List<Rows> rows(Connection connection, List<EnrichedEvent> events) throws SQLException {
        EventRows rows = new EventRows(known);
        List<EnrichedEvent> unmoved =
                earlier == null ? events : earlier.unmoved(connection, events);
        for (EnrichedEvent event : unmoved) {
            rowMaker.add(event, rows);
        }
        for (Rows grain : rows.grain()) {
            grain.sort(GRAIN_ORDER);
        }
        for (Rows keyed : rows.keyed()) {
            keyed.sort(byHashKey(0));
        }
        return rows.inTableOrder();
    }

    @Override
    void someWereThere(Connection connection, List<EnrichedEvent> events) throws SQLException {
        if (earlier != null) {
            earlier.find(connection, events);
        }
    }
}
