package io.onevault.tracking.vault;

import io.onevault.tracking.event.SourcePosition;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The visitors and users who are erased, as the database knows them when the load of a micro-batch
 * begins. Until it ends no erasure begins: so one finds all that was written by whoever did not
 * know of it. They are kept in memory, some 200 bytes each; the database tells which are new, and
 * once a day all. Not thread-safe.
 */
final class Tombstones {

    /**
     * What an element tells of a visitor.
     *
     * @param userBk null where it names no user besides
     * @param at when it was appended, or a session began
     */
    record Trace(String tenantHk, String visitorBk, @Nullable String userBk, Instant at) {

        /** Of an event: one that was submitted again is as old as it was. */
        static Trace of(
                String tenantHk,
                String visitorBk,
                @Nullable String userBk,
                SourcePosition position) {
            return new Trace(tenantHk, visitorBk, userBk, position.firstLoadDate());
        }
    }

    private static final String BEGIN =
            "SELECT tenant_hk, visitor_hk, before_micros, snapshot"
                    + " FROM raw.site_tracking_begin_load(?)";

    private static final String END = "SELECT raw.site_tracking_end_load()";
    private static final HexFormat HEX = HexFormat.of();

    private final InstantSource clock;
    private final HashKeys keys = new HashKeys();

    /** Up to when, by tenant and visitor; and of any visitor, by tenant. */
    private final Map<String, Map<ByteBuffer, Instant>> erasedBefore = new HashMap<>();

    private final Map<String, Instant> latest = new HashMap<>();
    private @Nullable Connection known;
    private @Nullable String snapshot;
    private boolean news;
    private Instant staleAt = Instant.MAX;

    Tombstones(InstantSource clock) {
        this.clock = clock;
    }

    void begin(Connection connection) throws SQLException {
        Instant now = clock.instant();
        if (connection != known || now.isAfter(staleAt)) {
            // Another server may be behind it; and some end, of whom nothing was known.
            staleAt = now.plus(1, ChronoUnit.DAYS);
            erasedBefore.clear();
            latest.clear();
            snapshot = null;
            known = connection;
        }
        news = false;
        try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
            begin.setString(1, snapshot);
            try (ResultSet row = begin.executeQuery()) {
                while (row.next()) {
                    take(row);
                }
            }
        }
    }

    private void take(ResultSet row) throws SQLException {
        byte[] tenant = row.getBytes(1);
        if (tenant == null) {
            snapshot = row.getString(4);
            return;
        }
        Instant before = Instant.EPOCH.plus(row.getLong(3), ChronoUnit.MICROS);
        news = true;
        String tenantHk = HEX.formatHex(tenant);
        erasedBefore
                .computeIfAbsent(tenantHk, none -> new HashMap<>())
                .merge(ByteBuffer.wrap(row.getBytes(2)), before, Tombstones::later);
        latest.merge(tenantHk, before, Tombstones::later);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Where that fails, it goes with the connection. */
    void end(Connection connection) throws SQLException {
        try (PreparedStatement end = connection.prepareStatement(END)) {
            end.execute();
        } catch (SQLException e) {
            connection.close();
        }
    }

    /** Whether the database told of some that were not known before. */
    boolean hasNews() {
        return news;
    }

    /** A day after a time, or the end of what an erasure in hand erases, which comes first. */
    Instant endOfDay(Instant time) {
        Instant end = time.plus(1, ChronoUnit.DAYS);
        for (Instant before : latest.values()) {
            if (before.isAfter(time) && before.isBefore(end)) {
                end = before;
            }
        }
        return end;
    }

    /** Whether any of the tenant's visitors is erased up to a later time; as good as never now. */
    boolean concern(String tenantHk, Instant time) {
        Instant before = latest.get(tenantHk);
        return before != null && time.isBefore(before);
    }

    /**
     * The elements, by identity, that are of erased visitors.
     *
     * @param trace null of an element that tells of none
     */
    <T> Set<T> erased(List<T> elements, Function<T, @Nullable Trace> trace) {
        if (latest.isEmpty()) {
            return Set.of();
        }
        Set<T> erased = Collections.newSetFromMap(new IdentityHashMap<>());
        for (T element : elements) {
            Trace told = trace.apply(element);
            if (told != null && isErased(told)) {
                erased.add(element);
            }
        }
        return erased;
    }

    private boolean isErased(Trace told) {
        if (!concern(told.tenantHk(), told.at())) {
            return false;
        }
        String userBk = told.userBk();
        return isErased(told, told.visitorBk()) || userBk != null && isErased(told, userBk);
    }

    private boolean isErased(Trace told, String bk) {
        byte[] key = keys.hub(told.tenantHk(), bk);
        // Where any is erased, concern() knows the tenant.
        Instant before = erasedBefore.get(told.tenantHk()).get(ByteBuffer.wrap(key));
        return before != null && told.at().isBefore(before);
    }
}
