package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.text;

import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.ValueKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replaces what of a micro-batch is beyond its tenants' daily caps on new values. The database
 * decides, in a transaction of its own before the events are written, and for ever: whether a value
 * is kept depends on the tenant, the value and the event's time alone, however often and in
 * whatever order the event comes again. Not thread-safe.
 */
final class ValueCaps {

    private static final Table KEEP =
            Table.query(
                    List.of(
                            bytea("tenant_hk"),
                            text("kind"),
                            bytea("value_key"),
                            instant("occurred_at"),
                            new Column("load_day", PgType.DATE)),
                    "SELECT place, kept_micros"
                            + " FROM raw.site_tracking_keep_values(?, ?, ?, ?, ?::date[])");

    private static final HexFormat HEX = HexFormat.of();
    private static final int MOST_KNOWN = 50_000;

    private final HashKeys keys = new HashKeys();

    /** From when values are kept, in microseconds, as far as the database told it. */
    private Map<Value, Long> known = new LastUsed<>(MOST_KNOWN);

    private @Nullable Connection connection;

    /**
     * A micro-batch within the caps.
     *
     * @param replaced how many values of each kind became {@code (other)}
     */
    record Capped(List<EnrichedEvent> events, Map<ValueKind, Integer> replaced) {

        static final Capped NONE = new Capped(List.of(), Map.of());
    }

    /** A tenant's value, by the hash of both. */
    private record Value(ValueKind kind, HashKey key) {}

    /** A value of an event, which the database is asked about. */
    private record Asked(Value value, AdmittedEvent event) {}

    /**
     * @param current in auto-commit mode; with a new one all is asked again, as another server may
     *     be behind it
     */
    Capped cap(Connection current, List<EnrichedEvent> batch) throws SQLException {
        if (current != connection) {
            connection = current;
            known = new LastUsed<>(MOST_KNOWN);
        }
        List<Asked> asked = unknown(batch);
        if (asked.isEmpty()) {
            return new Capped(batch, Map.of());
        }
        Map<Value, Long> told = new HashMap<>();
        boolean keepsAll = ask(current, asked, told);
        Capped capped = keepsAll ? new Capped(batch, Map.of()) : replaced(batch, told);
        known.putAll(told);
        return capped;
    }

    private List<Asked> unknown(List<EnrichedEvent> batch) {
        List<Asked> unknown = new ArrayList<>();
        for (EnrichedEvent event : batch) {
            AdmittedEvent admitted = event.admitted();
            CappedValues.of(
                    event,
                    (kind, text) -> {
                        Value value = value(admitted, kind, text);
                        if (!isBy(known.get(value), admitted)) {
                            unknown.add(new Asked(value, admitted));
                        }
                        return true;
                    });
        }
        return unknown;
    }

    private Capped replaced(List<EnrichedEvent> batch, Map<Value, Long> told) {
        Map<ValueKind, Integer> replaced = new EnumMap<>(ValueKind.class);
        List<EnrichedEvent> events = new ArrayList<>(batch.size());
        for (EnrichedEvent event : batch) {
            AdmittedEvent admitted = event.admitted();
            events.add(
                    CappedValues.of(
                            event,
                            (kind, text) -> {
                                Value value = value(admitted, kind, text);
                                boolean isKept =
                                        isBy(told.get(value), admitted)
                                                || isBy(known.get(value), admitted);
                                if (!isKept) {
                                    replaced.merge(kind, 1, Integer::sum);
                                }
                                return isKept;
                            }));
        }
        return new Capped(events, replaced);
    }

    private Value value(AdmittedEvent event, ValueKind kind, String text) {
        return new Value(kind, new HashKey(keys.hub(event.tenantHk(), text)));
    }

    private static boolean isBy(@Nullable Long micros, AdmittedEvent event) {
        return micros != null && micros <= PgType.micros(event.occurredAt());
    }

    /** Whether all is kept. */
    private static boolean ask(Connection connection, List<Asked> asked, Map<Value, Long> told)
            throws SQLException {
        Rows rows = new Rows(KEEP);
        for (Asked one : asked) {
            AdmittedEvent event = one.event();
            rows.add(
                    HEX.parseHex(event.tenantHk()),
                    one.value().kind().id(),
                    one.value().key().bytes(),
                    event.occurredAt(),
                    LocalDate.ofInstant(event.position().loadDate(), ZoneOffset.UTC).toString());
        }
        int kept =
                rows.ask(
                        connection,
                        Layers.PRODUCTION,
                        (place, micros) -> told.put(asked.get(place).value(), micros));
        return kept == asked.size();
    }
}
