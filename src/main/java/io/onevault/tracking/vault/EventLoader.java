package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Rows.byHashKey;
import static io.onevault.tracking.vault.Rows.byValue;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.ValueKind;
import io.onevault.tracking.vault.ValueCaps.Capped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads micro-batches of enriched events: raw, staging, and what of the vault follows from the
 * event alone. The versioned satellites are loaded by {@link DescriptionLoader}, sessions and their
 * links by {@link SessionLoader}.
 */
public final class EventLoader extends Loader<EnrichedEvent> {

    private static final int EVENT_KEY = 1;

    /** Grain tables grow at their right edge: rows come in the order of the primary key. */
    private static final Comparator<@Nullable Object[]> GRAIN_ORDER =
            byValue(0).thenComparing(byHashKey(EVENT_KEY));

    private final EventRowMaker rowMaker;
    private final @Nullable Recall recall;
    private final ErasedEvents erasedEvents = new ErasedEvents(tombstones);
    private EventRows.Known known = new EventRows.Known();
    private Capped written = Capped.NONE;
    private ErasedEvents.Found erased = ErasedEvents.Found.NONE;
    private Instant knownUntil = Instant.MIN;

    /** What only a run of the job asks the database about events. */
    private record Recall(RunMarks run, EarlierEvents earlier, EventTimes times, ValueCaps caps) {}

    /**
     * What became of a micro-batch, but for what the database refused.
     *
     * @param events as they were written
     * @param replaced how many values of each kind became {@code (other)}
     * @param repeated what was in the database before
     * @param erased of which only the keys were written, by identity
     */
    public record Loaded(
            List<EnrichedEvent> events,
            Map<ValueKind, Integer> replaced,
            Map<EnrichedEvent, Repeated> repeated,
            Set<EnrichedEvent> erased) {}

    /** Of a loader that writes whatever comes. */
    public EventLoader(String recordSource) {
        super(recordSource);
        this.rowMaker = new EventRowMaker(recordSource);
        this.recall = null;
    }

    /**
     * Of one that keeps events' times and tenants' caps, and tells what is repeated.
     *
     * @param run what tells which events the database had before
     */
    public EventLoader(String recordSource, RunMarks run) {
        super(recordSource);
        this.rowMaker = new EventRowMaker(recordSource);
        this.recall = new Recall(run, new EarlierEvents(run), new EventTimes(), new ValueCaps());
    }

    /** What became of the micro-batch that was loaded since the last call. */
    public Loaded takeLoaded() {
        Capped taken = written;
        written = Capped.NONE;
        Map<EnrichedEvent, Repeated> repeated = new IdentityHashMap<>();
        for (EnrichedEvent event : erased.again().keySet()) {
            repeated.put(event, new Repeated(event.repeated(), false));
        }
        if (recall != null) {
            repeated.putAll(recall.earlier().take());
        }
        return new Loaded(taken.events(), taken.replaced(), repeated, erased.erased());
    }

    @Override
    void connected(Connection connection) throws SQLException {
        known = new EventRows.Known();
        if (recall != null) {
            recall.run().connect(connection, layers());
        }
    }

    @Override
    List<EnrichedEvent> prepared(Connection connection, List<EnrichedEvent> events)
            throws SQLException {
        if (recall == null) {
            written = new Capped(events, Map.of());
        } else {
            written = recall.caps().cap(connection, recall.times().keep(connection, events));
        }
        erased = erasedEvents.find(connection, written.events());
        forgetSome(events);
        return written.events();
    }

    /** What erasure and retention remove is written again when it comes again. */
    private void forgetSome(List<EnrichedEvent> events) {
        Instant loaded = events.get(0).admitted().position().loadDate();
        if (tombstones.hasNews() || !loaded.isBefore(knownUntil)) {
            known.forgetVisitors();
            knownUntil = tombstones.endOfDay(loaded);
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
        if (recall != null) {
            recall.run().mark(connection);
        }
        EventRows rows = new EventRows(known);
        for (EnrichedEvent event : events) {
            if (erased.erased().contains(event)) {
                rowMaker.addErased(event.admitted(), erased.loadDate(event), layers(), rows);
            } else {
                rowMaker.add(event, rows);
                rowMaker.addObjections(event.admitted(), layers(), rows);
                if (erasedEvents.isShared(event)) {
                    rowMaker.addNobody(event, rows);
                }
            }
        }
        for (Rows grain : rows.grain()) {
            grain.sort(GRAIN_ORDER);
        }
        for (Rows keyed : rows.keyed()) {
            keyed.sort(byHashKey(0));
        }
        rows.tenantDay.sort(byHashKey(0).thenComparing(byValue(1)));
        return rows.inTableOrder();
    }

    @Override
    void someWereThere(Connection connection, List<EnrichedEvent> events) throws SQLException {
        if (recall != null) {
            recall.earlier().find(connection, layers(), events);
        }
    }
}
