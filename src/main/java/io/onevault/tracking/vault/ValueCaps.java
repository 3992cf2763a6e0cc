package io.onevault.tracking.vault;

import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.ValueKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

    private static final String KEEP =
            "SELECT place, kept_micros FROM raw.site_tracking_keep_values(?, ?, ?, ?, ?)";

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
        int kept = 0;
        try (PreparedStatement keep = prepare(connection, asked);
                ResultSet row = keep.executeQuery()) {
            while (row.next()) {
                kept++;
                told.put(asked.get(row.getInt(1) - 1).value(), row.getLong(2));
            }
        }
        return kept == asked.size();
    }

    private static PreparedStatement prepare(Connection connection, List<Asked> asked)
            throws SQLException {
        int size = asked.size();
        byte[][] tenantHks = new byte[size][];
        String[] kinds = new String[size];
        byte[][] valueKeys = new byte[size][];
        Long[] micros = new Long[size];
        LocalDate[] days = new LocalDate[size];
        for (int i = 0; i < size; i++) {
            AdmittedEvent event = asked.get(i).event();
            tenantHks[i] = HEX.parseHex(event.tenantHk());
            kinds[i] = asked.get(i).value().kind().id();
            valueKeys[i] = asked.get(i).value().key().bytes();
            micros[i] = PgType.micros(event.occurredAt());
            days[i] = LocalDate.ofInstant(event.position().loadDate(), ZoneOffset.UTC);
        }
        PreparedStatement keep = connection.prepareStatement(KEEP);
        keep.setArray(1, connection.createArrayOf("bytea", tenantHks));
        keep.setArray(2, connection.createArrayOf("text", kinds));
        keep.setArray(3, connection.createArrayOf("bytea", valueKeys));
        keep.setArray(4, connection.createArrayOf("int8", micros));
        keep.setArray(5, connection.createArrayOf("date", days));
        return keep;
    }
}
