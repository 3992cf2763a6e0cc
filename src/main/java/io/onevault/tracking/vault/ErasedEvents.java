package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the events of a micro-batch of which nothing but the key may be written: those that were
 * appended before their visitor's tombstone, and those that were erased, in whichever delivery they
 * come again. Not thread-safe.
 */
final class ErasedEvents {

    /** Asked by place, it tells the load date of the delivery that was erased, in microseconds. */
    static final Table KNOWN =
            Table.query(
                    List.of(bytea("tenant_hk"), instant("event_timestamp"), bytea("event_hk")),
                    "SELECT number, load_micros FROM business.site_erased_events(?, ?, ?)");

    /** What was erased happened before it, by clocks that may be wrong. */
    static final Duration WRONG_CLOCKS = Duration.ofHours(1);

    private static final Table SHARE =
            Table.call(
                    "raw.site_tracking_share_visitors",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    bytea("visitor_hk"));

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();
    private final Tombstones tombstones;

    /**
     * What is erased of a micro-batch, by identity.
     *
     * @param again of other deliveries than those that were erased, when these were loaded
     */
    record Found(Set<EnrichedEvent> erased, Map<EnrichedEvent, Instant> again) {

        static final Found NONE = new Found(Set.of(), Map.of());

        /** The vault has it as it came first, which the ledger's days follow. */
        Instant loadDate(EnrichedEvent event) {
            Instant first = again.get(event);
            return first == null ? event.admitted().position().loadDate() : first;
        }
    }

    ErasedEvents(Tombstones tombstones) {
        this.tombstones = tombstones;
    }

    /**
     * Asks production whatever is loaded: a shadow may never have had the delivery that was erased.
     *
     * @param connection in auto-commit mode
     */
    Found find(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        share(connection, batch);
        Set<EnrichedEvent> erased = Collections.newSetFromMap(new IdentityHashMap<>());
        erased.addAll(tombstones.erased(batch, ErasedEvents::appended));
        Set<EnrichedEvent> old = tombstones.erased(batch, ErasedEvents::occurred);
        List<EnrichedEvent> named = new ArrayList<>();
        Set<String> tenants = new HashSet<>();
        for (EnrichedEvent event : batch) {
            if (erased.contains(event)
                    || old.contains(event)
                    || mayBeAnyones(event)
                    || isShared(event)) {
                named.add(event);
                tenants.add(event.admitted().tenantHk());
            }
        }
        if (named.isEmpty()) {
            return Found.NONE;
        }
        tombstones.holdParts(connection, tenants);
        Map<EnrichedEvent, Instant> again = new IdentityHashMap<>();
        rowsOf(named)
                .ask(
                        connection,
                        Layers.PRODUCTION,
                        (place, loadMicros) -> {
                            EnrichedEvent event = named.get(place);
                            Instant first = Instant.EPOCH.plus(loadMicros, ChronoUnit.MICROS);
                            erased.add(event);
                            if (!first.equals(event.admitted().position().loadDate())) {
                                again.put(event, first);
                            }
                        });
        return new Found(erased, again);
    }

    /**
     * Has visitors spared who were reached through a user, and of whom an event of before names
     * another one. It waits for the part of an erasure that does not know that yet.
     */
    private void share(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        Rows rows = new Rows(SHARE);
        List<Tombstones.Trace> shared = new ArrayList<>();
        for (EnrichedEvent event : batch) {
            Tombstones.Trace told = appended(event);
            if (tombstones.tellsOfOthers(told)) {
                shared.add(told);
                rows.add(
                        HEX.parseHex(told.tenantHk()), keys.hub(told.tenantHk(), told.visitorBk()));
            }
        }
        if (shared.isEmpty()) {
            return;
        }
        rows.call(connection, Layers.PRODUCTION);
        shared.forEach(tombstones::share);
    }

    /** Of a visitor who was erased until others turned out to be it, too. */
    boolean isShared(EnrichedEvent event) {
        return tombstones.isShared(appended(event)) || tombstones.isShared(occurred(event));
    }

    /** Without an id it comes from another visitor when it comes from another network. */
    private boolean mayBeAnyones(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        return admitted.event().identity().named() == null
                && tombstones.concern(
                        admitted.tenantHk(), admitted.occurredAt().minus(WRONG_CLOCKS));
    }

    private Rows rowsOf(List<EnrichedEvent> events) {
        Rows rows = new Rows(KNOWN);
        for (EnrichedEvent enriched : events) {
            AdmittedEvent event = enriched.admitted();
            rows.add(
                    HEX.parseHex(event.tenantHk()),
                    event.occurredAt(),
                    keys.hub(event.tenantHk(), event.eventBk()));
        }
        return rows;
    }

    private static Tombstones.Trace appended(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        return Tombstones.Trace.of(
                admitted.tenantHk(), admitted.visitorBk(), admitted.userBk(), admitted.position());
    }

    /** It did so before its erasure, whenever it comes again. */
    private static Tombstones.Trace occurred(EnrichedEvent event) {
        AdmittedEvent admitted = event.admitted();
        return new Tombstones.Trace(
                admitted.tenantHk(),
                admitted.visitorBk(),
                admitted.userBk(),
                admitted.occurredAt().minus(WRONG_CLOCKS));
    }
}
