package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The visitors who are erased, as the database knows them when the load of a micro-batch begins.
 * Until it ends no erasure begins: so one finds all that was written by whoever did not know of it.
 * Not thread-safe.
 */
final class Tombstones {

    /**
     * What an element tells of a visitor.
     *
     * @param at when it was appended, or a session began
     */
    record Trace(String tenantHk, String visitorBk, Instant at) {}

    private static final String BEGIN = "SELECT raw.site_tracking_begin_load()";
    private static final String END = "SELECT raw.site_tracking_end_load()";

    private static final Table ERASED =
            Table.query(
                    List.of(bytea("tenant_hk"), bytea("visitor_hk"), instant("at")),
                    "SELECT number, tombstones FROM raw.site_tracking_erased(?, ?, ?)");

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();
    private @Nullable Instant erasedBefore;

    void begin(Connection connection) throws SQLException {
        try (PreparedStatement begin = connection.prepareStatement(BEGIN);
                ResultSet row = begin.executeQuery()) {
            row.next();
            long micros = row.getLong(1);
            erasedBefore = row.wasNull() ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        }
    }

    /** Where that fails, it goes with the connection. */
    void end(Connection connection) throws SQLException {
        try (PreparedStatement end = connection.prepareStatement(END)) {
            end.execute();
        } catch (SQLException e) {
            connection.close();
        }
    }

    /** Whether any visitor's traces of that time are erased; as good as never those of now. */
    boolean concern(Instant time) {
        return erasedBefore != null && time.isBefore(erasedBefore);
    }

    /**
     * The elements, by identity, that are of erased visitors.
     *
     * @param connection in auto-commit mode
     * @param trace null of an element that tells of none
     */
    <T> Set<T> erased(Connection connection, List<T> elements, Function<T, @Nullable Trace> trace)
            throws SQLException {
        if (erasedBefore == null) {
            return Set.of();
        }
        List<T> concerned = new ArrayList<>();
        Rows rows = new Rows(ERASED);
        for (T element : elements) {
            Trace told = trace.apply(element);
            if (told != null && concern(told.at())) {
                concerned.add(element);
                byte[] visitor = keys.hub(told.tenantHk(), told.visitorBk());
                rows.add(HEX.parseHex(told.tenantHk()), visitor, told.at());
            }
        }
        if (concerned.isEmpty()) {
            return Set.of();
        }
        Set<T> erased = Collections.newSetFromMap(new IdentityHashMap<>());
        rows.ask(
                connection,
                Layers.PRODUCTION,
                (place, tombstones) -> erased.add(concerned.get(place)));
        return erased;
    }
}
